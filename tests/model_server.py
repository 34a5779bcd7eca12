"""A real model behind an OpenAI-compatible server: `python -m tests.model_server FILE.gguf` prints its address."""

from __future__ import annotations

import signal
import sys

import xllamacpp


def main() -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.model_alias = {"smollm2"}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = 1
    parameters.n_ctx = 2048
    parameters.n_predict = 250
    parameters.warmup = False
    # Several threads wait for each other by spinning, which takes for ever on a machine with other work to do.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.temp = 0
    parameters.sampling.penalty_repeat = 1.15  # or so small a model repeats itself to the end
    parameters.sampling.penalty_last_n = 128
    server = xllamacpp.Server(parameters)
    print(f"{server.listening_address}/v1", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
