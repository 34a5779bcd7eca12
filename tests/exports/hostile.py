"""A show in which every name and every word is meant to do harm to whoever opens what is made of it."""

from __future__ import annotations

from dataclasses import replace

from soniclayer.feedback import Classification, Failure, Feedback, Review, Tone, Topic, digest_of
from soniclayer.insights.reviews import place
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.run import Run, State
from soniclayer.segments import Segment
from soniclayer.transcript import Cue, Transcript
from soniclayer.turns import Turn
from tests.fakes import ScriptedEvaluator, persona

MARKUP = (
    "<script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\"></style></title></textarea>"
    "<svg onload=\"document.title='hit'\"><a href=\"javascript:document.title='hit'\">&lt;b&gt;</a>"
)
FORMULA = '=HYPERLINK("http://evil.example","x")|\'!A1'
TERMINAL = "\x1b]0;owned\x07\x1b[31mred\x9b2J\x00\x08\x7f"
TURNED = "\u202egnp.exe\u2066\u200f\u061c"
LINES = "one\ntwo\r\n001  AX       AA    C        00:00:00:00\ttab\u2028\x85\x0bNOTE --> {{ 7 * 7 }}"
MARKDOWN = (
    "[a](javascript:hit()) ![x](http://evil.example/x.png) `code` **b** | cell | http://evil.example www.evil.example"
)
LONG = "x" * 3000
BROKEN = "half a letter \ud800 \uffff"
ALL = (MARKUP, FORMULA, TERMINAL, TURNED, LINES, MARKDOWN, LONG, BROKEN)

HARMFUL = frozenset(
    [chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))]
    + list("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\uffff\ud800")
)
"""What no text file may hold: it acts on a terminal, or on the order of the letters around it."""


def show() -> tuple[Insight, Transcript]:
    """Losses, cuts, clips and breaks by hostile speakers, for hostile personas, with hostile reactions."""
    segments = tuple(_segment(index) for index in range(40))
    people = [
        replace(persona(key), display_name=f"{text} {key}", emoji=text[:8], description=text)
        for key, text in zip(
            ("a", "b", "c"), (MARKUP, FORMULA, TERMINAL + TURNED + LINES + MARKDOWN + LONG), strict=True
        )
    ]
    evaluator = ScriptedEvaluator()
    evaluator.name, evaluator.model = MARKUP, LINES
    run = Run(segments, people, evaluator)
    for segment in segments:
        run.classifications[segment.index] = Classification(list(Topic)[segment.index // 10], Tone.CASUAL)
        for who in people:
            text = ALL[segment.index % len(ALL)]
            if segment.index == 7:
                run.failures[segment.index, who.id] = Failure(f"{MARKUP}{TERMINAL}")
                continue
            run.results[segment.index, who.id] = Feedback(_score(segment.index), text, text, 0.9, text, (text,))
    run.state = State.FINISHED
    cues = tuple(Cue(s.start_ms, s.end_ms, s.text, s.speakers[0]) for s in segments)
    reviews = place(segments, [_review(segment) for segment in segments[8:17]])
    name = f"{FORMULA}{TERMINAL}{TURNED}{MARKUP.replace('/', '_')}.vtt"
    return Insight(select(run, Selection(), reviews)), Transcript(name, f"WebVTT {MARKUP}", cues, (LINES,))


def _review(segment: Segment) -> Review:
    """Of a person whose name and reason are hostile."""
    text = ALL[segment.index % len(ALL)]
    where = ("show", digest_of(segment.text), segment.start_ms, "abc"[segment.index % 3])
    made = Review(segment.index, *where, 1 + segment.index % 3, text, text, 1_795_000_000)
    return replace(made, undone_by=text, text=segment.text, said=5, evaluator=text)


def _score(index: int) -> int:
    return 1 if index in (3, 4, 20) else 5


def _segment(index: int) -> Segment:
    text = ALL[index % len(ALL)]
    words = f"Good people like {text} here. Everybody stays."
    words = f"{words} What the fuck." if index == 3 else words
    speaker = f"{text}{index % 2}"
    turns = (Turn(speaker, words),)
    return Segment(index, index * 30_000, (index + 1) * 30_000, (speaker,), words, turns=turns)
