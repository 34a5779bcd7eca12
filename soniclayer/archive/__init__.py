"""A folder of transcripts, evaluated as one: `soniclayer archive`.

`folder` finds and reads the files, `work` judges one of them, `executors` say where that happens, `output` is what is
held and still true, `evaluation` brings these together, `tables` and `bar` tell what came out.
"""
