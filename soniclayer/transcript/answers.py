"""What chat models answer: a transcript in a fence, with sentences before and after that nobody said on air."""

from __future__ import annotations

import re

from soniclayer.transcript.speakers import labelled
from soniclayer.transcript.text import line_numbers, one_line

_FENCED = re.compile(
    r"^[ \t]{0,8}(?P<mark>`{3,9}|~{3,9}|(<transcript>)(?=\n[^<]))[^\n`]{0,40}\n(?P<inside>.*?)"
    r"(?:^[ \t]{0,8}(?(2)</transcript>|(?P=mark))[ \t]{0,9}$|\Z)",
    re.M | re.S,
)
_SPOKEN = re.compile(r"\d:\d\d|-->|[\[{]")
_LEAD_IN = re.compile(
    r"\W{0,4}(?:(?:sure|certainly|of course|absolutely|okay|ok|great|yes)\b[^\n]{0,60}?[,.!:–—]\s{0,3})?"
    r"(?:(?:here(?:['’]s| is| are)|below|this is|the following|i(?:['’]ve| have)|please find)\b[^\n]{0,160}"
    r"\b(?:transcri|caption|subtitle|json|vtt|srt|csv|table|dialog)[^\n]{0,160}"
    r"|(?:hier (?:ist|sind)|voici|aquí (?:está|tienes)|här är|ecco|aqui está)\b[^\n]{0,120}:)\W{0,4}",
    re.I,
)
_OFFER = re.compile(
    r"\W{0,4}(?:let me know|would you like|do you want|if you(?:['’]d| would)? ?(?:like|need|want)|i hope|feel free"
    r"|is there any|please (?:let|note)|note that|just let|want me to|i can also|\*{0,2}notes?\*{0,2}:)[^\n]{0,400}",
    re.I,
)


def unwrapped(text: str) -> tuple[str, list[str]]:
    """The transcript inside an answer, and what was left out around it; every line keeps its number.

    A text without a fence loses only the sentences with which chat models announce a transcript and offer more.
    """
    inside = list(_FENCED.finditer(text)) if "```" in text or "~~~" in text or "<transcript>" in text else []
    if not inside or _weight("\n".join(match["inside"] for match in inside)) <= _weight(_FENCED.sub("", text)):
        return _without_chatter(text)
    kept, last = [], 0
    for match in inside:
        kept += ["\n" * text.count("\n", last, match.start("inside")), match["inside"]]
        last = match.end("inside")
    held = "".join(kept).split("\n")
    filled = [i for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    around = [i for i in filled if not "".join(held[i - 1 : i]).strip()]
    text, notes = _without_chatter("\n".join(held))
    return text, [f"The text around the fenced block left out: {line_numbers(around)}.", *notes]


def _weight(text: str) -> int:
    """How many lines look like a transcript: times, braces, names before a colon; captions and JSON count more."""
    factor = 9 if "-->" in text or text.lstrip()[:1] in ("{", "[") else 1
    return factor * sum(1 for line in text.split("\n") if _SPOKEN.search(line) or labelled(line.replace("*", "")))


def _without_chatter(text: str) -> tuple[str, list[str]]:
    begin = len(text) - len(text.lstrip())
    end = text.find("\n", begin)
    if end < 0 or not _LEAD_IN.fullmatch(first := text[begin:end].strip()) or not text[end:].strip():
        return text, []
    notes = [f"The sentence above the transcript left out: “{one_line(first)[:60]}”."]
    text = text[:begin] + text[end:].rstrip()
    head, _, last = text.rpartition("\n\n")
    if head.strip() and _OFFER.fullmatch(last.strip()):
        notes.append(f"The sentence below the transcript left out: “{one_line(last)[:60]}”.")
        text = head.rstrip().removesuffix("\n---")
    return text, notes
