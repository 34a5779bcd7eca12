"""Real and hostile files, where the folder with them lies beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from soniclayer.errors import TranscriptError
from soniclayer.segments import split
from soniclayer.transcript import Transcript, parse

# file, format, cues, first start and last time in seconds (None: the file has no times), speakers
SAMPLES = [
    ("ass/subtitleedit_test.ass", "ASS/SSA", 3, 1.0, 13.0, 0),
    ("cloud_asr/assemblyai_utterances.json", "AssemblyAI JSON", 1, 0.17, 25.14, 1),
    ("cloud_asr/aws_speaker_identification.json", "Amazon Transcribe JSON", 354, 0.49, 141.54, 3),
    ("cloud_asr/aws_todayinfocus_guardian.json", "Amazon Transcribe JSON", 725, 5.24, 301.363, 2),
    ("cloud_asr/dg_speakers.json", "Deepgram JSON", 22, 3.04, 163.105, 3),
    ("cloud_asr/dg_speakers_no_utterances.json", "Deepgram JSON", 226, 3.04, 163.105, 3),
    ("cloud_asr/revai_async.json", "Rev JSON", 414, 0.3, 106.33, 1),
    ("cloud_asr/gcp_punctuation.json", "Google Speech JSON", 1767, 12.9, 706.0, 0),
    ("cloud_asr/whisper_timestamped.json", "Whisper JSON", 4, 0.12, 25.32, 0),
    ("csv_tsv/bbc_subtitles.csv", "CSV table", 200, 13.02, 662.25, 0),
    ("docx/aws_example_call.docx", "Word document", 37, 0.4, 182.84, 2),
    ("lrc/vansante_test.lrc", "LRC", 9, 1.0, 34.02, 0),
    ("markdown/changelog_bold_names.md", "Markdown", 75, 250.0, 1703.0, 3),
    ("markdown/conduit.md", "Markdown", 139, None, None, 0),
    ("otter_txt/62-security.md", "Timed text", 162, 0.0, 3321.0, 5),
    ("podcast20_html/300_multiple_choices.html", "Podcasting 2.0 HTML", 317, 373.02, 6369.26, 5),
    ("podcast20_html/Tales_from_Manufacturing_Shipping_Rack_1.html", "Podcasting 2.0 HTML", 401, 0.0, 5051.0, 9),
    ("podcast20_html/buzzcast.html", "Podcasting 2.0 HTML", 34, 0.0, 1661.0, 5),
    ("podcast20_json/buzzcast.json", "Podcasting 2.0 JSON", 959, 0.0, 1684.46, 5),
    ("podcast20_json/one_word_segments.json", "Podcasting 2.0 JSON", 385, 0.3, 117.77, 2),
    ("podcast20_json/podnews_weekly_review_2023-06-02.json", "Podcasting 2.0 JSON", 18, 0.221, 8.729, 2),
    ("srt/UGLY_episode17_no_index_dot_ms.srt", "SubRip (SRT)", 678, 0.0, 2882.36, 0),
    ("srt/buzzcast_buzzsprout.srt", "SubRip (SRT)", 488, 0.0, 1684.46, 5),
    ("srt/postgresfm_bloat_descript.srt", "SubRip (SRT)", 724, 0.06, 2174.92, 2),
    ("srt/twiml544_openai_whisper.srt", "SubRip (SRT)", 2424, 0.0, 7036.36, 0),
    ("srt/podcasting20_ep124.srt", "SubRip (SRT)", 646, 0.78, 2255.88, 3),
    ("txt/NOT_transcript_zoom_chat.txt", "Chat log", 663, 366.0, 6246.0, 94),
    ("txt/ergo_call.txt", "Markdown", 198, 17.0, 3687.0, 3),
    ("txt/twiml544_plain.txt", "Plain text", 2424, None, None, 0),
    ("vtt/UGLY_podnews_bare_seconds.vtt", "WebVTT", 189, 0.0, 855.04, 4),
    ("vtt/UGLY_vtt_in_txt_linearb.txt", "WebVTT", 494, 0.0, 2272.891, 3),
    ("vtt/descript_postgresfm.vtt", "WebVTT", 576, 0.038, 1972.267, 2),
    ("vtt/es_kde_express.vtt", "WebVTT", 22, 0.0, 141.28, 0),
    ("vtt/twiml544_openai_whisper_nohours.vtt", "WebVTT", 2424, 0.0, 7036.36, 0),
    ("vtt/vttjs_spec-example.vtt", "WebVTT", 13, 11.0, 38.0, 2),
    ("vtt/youtube_simonw_demo.vtt", "WebVTT", 2, 0.0, 4.56, 0),
    ("vtt/zoom_acde_2026-03-26_233.vtt", "WebVTT", 678, 244.47, 6241.85, 33),
]


@pytest.mark.parametrize(("file", "name", "cues", "first", "last", "speakers"), SAMPLES)
def test_samples(
    shared: Path, file: str, name: str, cues: int, first: float | None, last: float | None, speakers: int
) -> None:
    """The counts of SOURCES.tsv, which counts timing lines, stamps or words, with these exceptions.

    - one_word_segments, podnews_weekly_review_2023-06-02: 7 of 392 and 21 of 39 entries are blanks and punctuation
      marks, which belong to the word before them.
    - youtube_simonw_demo: 2 of 4 timing lines show a line of the other two again.
    - aws_todayinfocus_guardian: the third speaker has the name "".
    - zoom_acde: 33 names label cues; SOURCES.tsv lists 21 of them.
    - bbc_subtitles: 296 lines are 200 rows, since texts hold line breaks; the Word file's 79 rows hold 37 of speech.
    - plain text and Markdown: one cue per paragraph, where SOURCES.tsv counts lines.
    - 300_multiple_choices: ten times in brackets stand inside paragraphs and divide them.
    - ergo_call: its last time is a stamp (61:27), not an end.
    """
    transcript = parse(Path(file).name, (shared / "samples" / file).read_bytes())
    starts = [cue.start_ms / 1000 for cue in transcript.cues if cue.start_ms is not None]
    assert (transcript.format, len(transcript.cues), len(transcript.speakers)) == (name, cues, speakers)
    assert min(starts, default=None) == first
    assert (transcript.duration_s or None) == last


def test_a_diarization_without_words_is_refused(shared: Path) -> None:
    """whisperx_sps_diarized.json has 101 rows of who spoke when, and not a word of what was said."""
    with pytest.raises(TranscriptError, match="no spoken text"):
        parse("x", (shared / "samples" / "whisper_json" / "whisperx_sps_diarized.json").read_bytes())


@pytest.mark.parametrize("file", [sample[0] for sample in SAMPLES])
def test_samples_lose_nothing_in_segments(shared: Path, file: str) -> None:
    transcript = parse("x", (shared / "samples" / file).read_bytes())
    spoken = sorted("".join("".join(cue.text for cue in transcript.cues).split()))
    assert sorted("".join("".join(segment.text for segment in split(transcript)).split())) == spoken


def read(shared: Path, number: str) -> Transcript:
    (path,) = (shared / "adversarial").glob(f"{number}_*")
    return parse(path.name, path.read_bytes())


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("01", "PNG image"),
        ("03", "WebVTT header but no captions"),
        ("05", "nested too deeply"),
        ("17", "document type"),
    ],
)
def test_hostile_files_are_refused(shared: Path, number: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message) as caught:
        read(shared, number)
    assert "lol" not in str(caught.value)


@pytest.mark.parametrize("number", ["07", "07b"])
def test_utf16(shared: Path, number: str) -> None:
    texts = [cue.text for cue in read(shared, number).cues]
    assert len(texts) == 3
    assert texts[1] == "I am José Müller – naïve café “quotes” … it’s £5."


def test_shift_jis(shared: Path) -> None:
    assert [cue.text for cue in read(shared, "09").cues][:2] == [
        "おはようございます。朝のニュースです。",
        "今日の天気は晴れ、最高気温は二十五度です。",
    ]


def test_script_injection_is_only_text(shared: Path) -> None:
    texts = [cue.text for cue in read(shared, "11").cues]
    assert len(texts) == 7
    assert texts[0] == "<script>alert(document.cookie)</script>"
    assert texts[4] == "<script>alert(4)</script> &lt;b&gt;"


def test_prompt_injection_is_only_speech(shared: Path) -> None:
    transcript = read(shared, "13")
    assert (len(transcript.cues), transcript.speakers) == (6, ("Host", "Guest", "SYSTEM"))


def test_formulas_are_only_text(shared: Path) -> None:
    assert [cue.text[:4] for cue in read(shared, "19").cues] == ["=HYP", "@SUM", "-2+3"]


def test_an_article_has_no_speakers_and_no_times(shared: Path) -> None:
    transcript = read(shared, "21")
    assert (transcript.format, transcript.speakers, transcript.duration_s) == ("Plain text", (), 0.0)


def test_bait_for_regular_expressions(shared: Path) -> None:
    assert split(read(shared, "23"))
