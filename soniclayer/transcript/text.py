"""Cleaning of decoded text: what nobody can see or say goes, every visible character stays."""

from __future__ import annotations

import html
import re

_BREAKS = "\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_HIDDEN = (
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\xad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_SUSPECT = re.compile(f"[{_BREAKS}{_HIDDEN}\u200c-\u200f\U000e0000-\U000e007f]")
_ASCII_SUSPECTS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_RARE_BREAK = re.compile(f"[{_BREAKS}]")
# Single joiners (U+200C, U+200D) and direction marks spell Persian, Hindi and emoji; runs are watermarks.
# Tag characters spell hidden ASCII, except after the black flag of England, Scotland and Wales.
_INVISIBLE = re.compile(
    f"[\u200b-\u200f\u2060-\u2064\ufeff]{{3,}}|[{_HIDDEN}]+"
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)
_TAG = re.compile(
    r"(?ai)</?(?:(br)|[biusc]|em|strong|small|font|span|lang|ruby|rt|x-word-ms)(?:[ .:=][^<>]{0,300})?/?>"
    r"|</?v?/?>|<[0-9,][0-9:.,]{0,15}>"
)
_VOICE = re.compile(r"<v[ .][^<>]{0,200}>", re.I)

_SOUND = re.compile(r"[♪♫♬][^♪♫♬]{0,300}[♪♫♬]|\[[^\[\]]{0,80}\]|\([^()]{0,80}\)")
_BLANKS = re.compile(r"\s{2,}|[^\S ]")  # what is not already one plain blank
_LONG = 10_000  # the words of a longer text would take more memory than the file
_OVERRIDE = re.compile(r"\{\\[^{}]{0,300}\}")


def normalise(text: str) -> tuple[str, int]:
    r"""The text with `\n` as its only line break and without invisible characters, and how many of those went."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        data = text.encode("ascii")
        if len(data.translate(None, _ASCII_SUSPECTS)) == len(data):
            return text, 0
    if not (suspect := _SUSPECT.search(text)):
        return text, 0
    clean, rest = text[: suspect.start()], _RARE_BREAK.sub("\n", text[suspect.start() :])
    cleaned = clean + _INVISIBLE.sub("", rest)
    return cleaned, len(text) - len(cleaned)


def one_line(text: str) -> str:
    """The text with every run of white space as one blank, and none at the ends."""
    if len(text) > _LONG:
        return _BLANKS.sub(" ", text).strip()
    return " ".join(text.split())


def visible(text: str) -> str:
    """The text as one line without invisible characters, wherever it comes from."""
    text = text.strip()
    if text.isprintable() and "  " not in text:
        return text
    line = one_line(text)
    return line if line.isprintable() else one_line(normalise(line)[0])


def strip_tags(text: str) -> str:
    r"""The text without caption markup (`<i>`, `<c.yellow>`, `<00:00:01.000>`, `{\an8}`).

    Only names that captions use count as markup: `<script>` or `a < b` was written to be read, and stays.
    """
    if "<" in text:
        text = _TAG.sub(lambda tag: "\n" if tag[1] else "", text)
    if "{\\" in text:
        text = _OVERRIDE.sub("", text)
    return text


def plain(text: str) -> str:
    """The words of a text that may hold caption markup and character references, escaped once or twice."""
    if "&" in text:
        text = unescape(unescape(strip_tags(text)))
    return strip_tags(_VOICE.sub("", text)) if "<" in text or "{" in text else text


def unescape(text: str) -> str:
    """Character references resolved once (`&amp;` -> `&`); the result may hold `<`, which is text by then."""
    return html.unescape(text) if "&" in text else text


def sounds_only(text: str) -> bool:
    """Whether nothing is said: only notes, and sounds in brackets such as `[Music]` or `(applause)`."""
    return not any(map(str.isalnum, _SOUND.sub("", text)))


def count(number: int, one: str) -> str:
    """`1 cue`, `2,424 cues`."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def line_numbers(numbers: list[int], limit: int = 5) -> str:
    """`line 3`, `lines 3, 7 and 12`, or the first few and how many more."""
    more = [f"{len(numbers) - limit:,} more"] if len(numbers) > limit else []
    *shown, last = [*map(str, numbers[:limit]), *more]
    return f"lines {', '.join(shown)} and {last}" if shown else f"line {last}"
