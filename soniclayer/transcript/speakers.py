"""Who speaks: `Name:` at the start of a line or cue, or a name in another style, and how far a name reaches."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from soniclayer.transcript.model import Cue
from soniclayer.transcript.text import one_line
from soniclayer.transcript.times import shared

_LABEL = re.compile(
    r"\s{0,8}(?:>>+|[-–—]{1,2}|[.,;…](?=\s))?\s{0,8}([^\s:：.,;!?>][^:：]{0,79}?)\s{0,3}(?::(?=\s|$)|：)\s{0,8}"
)
_BRACKETED = re.compile(r"\s{0,8}[\[(]([^\[\]()\n:]{1,60}(?::\d{1,3})?)[\])]\s{0,3}:?\s{0,8}")
_GENERIC = re.compile(r"(?:unknown )?(?:speaker|spkr?|sprecher|locuteur|hablante|voice|channel)[ _:-]?\w{0,3}", re.I)
# How somebody is heard, which is no part of the name: `STONE (voice-over):` is STONE.
_STAGED = re.compile(
    r"\s?\((?:cont'?d|continued|v\.?o\.?|o\.?s\.?|voice-?over|o[nf]+ (?:camera|phone)|through translator)\.?\)",
    re.I,
)
_ASIDE = re.compile(r"[(\[|][^()\[\]|]*[)\]|]?")
_PARTICLE_WORDS = "de da di del der den van von la le el al bin ben of the and und et y e & i dos du zu a"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
# What stands before a colon in prose and captions and is nobody's name.
_OPENERS = """
note, notes, nb, ps, p.s, warning, warnings, caution, tip, example, examples, for example, for instance, e.g, i.e,
ratio, remember, update, edit, fact, chapter, part, section, step, title, subject, date, time, duration, length,
source, sources, link, links, url, website, email, transcript, episode, summary, description, keywords, tags,
contents, so, and, but, well, now, okay, ok, yes, no, look, because, then, also, plus, namely, again, first, second,
third, finally, the question is, the answer is, meaning, result, results, today, tomorrow, topic, topics, ingredients,
method, copyright, breaking news, in short, in other words, that is, my question, my point, this is
"""
_ENDS = tuple(".?!…。？！")
_NOT_NAMES = frozenset(one_line(_OPENERS).split(", "))


def label(text: str) -> tuple[str, str] | None:
    """(what stands before the colon, the rest) of `Name: text`, `>> Name: text` or `[SPEAKER_00]: text`."""
    if match := _LABEL.match(text):
        name = _STAGED.sub("", match[1]) or match[1] if "(" in match[1] else match[1]
        if name[0] == "[" and name[-1] == "]":
            name = name[1:-1]
        return one_line(name), text[match.end() :]
    if text[:1] == "[" and (match := _BRACKETED.match(text)) and _GENERIC.fullmatch(match[1].strip()):
        return one_line(match[1]), text[match.end() :]
    return None


def labelled(line: str) -> str:
    """The name that a line begins with, written as names are, or ""."""
    found = label(line)
    return found[0] if found and plausible(found[0]) and proper(found[0]) else ""


@lru_cache(4096)  # the same few names, thousands of times
def plausible(name: str) -> bool:
    """Whether this can be a name at all: short, no sentence in it, not a word such as "Note"."""
    core = one_line(_ASIDE.sub(" ", name)) or name
    first, *others = core.split(", ")
    if others and first.casefold() not in _NOT_NAMES and len(core) <= 80:
        # "Stone, Ada" and "ADA STONE, PRIME MINISTER", but no sentence
        return plausible(first) and core.count(" ") < 12 and all(plausible(part) and proper(part) for part in others)
    if len(core) > 50 or core.casefold().rstrip(".") in _NOT_NAMES or not any(map(str.isalpha, core)):
        return False
    words = core.split()
    if len(words) > 6 or any(mark in core for mark in '?!"“”;=<>{}\\…'):
        return False
    # A full stop ends an abbreviation (Dr., J.), not a sentence.
    return not any(word.endswith((".", ",")) and len(word) > 4 for word in words[:-1])


@lru_cache(4096)
def proper(name: str) -> bool:
    """Whether every word is written as names are: a capital, a digit, or a script without capitals."""
    words = one_line(_ASIDE.sub(" ", name)).split() or name.split()
    return all(word in _PARTICLES or not word[0].islower() for word in words) and (len(words) <= 5 or "," in name)


def is_generic(name: str) -> bool:
    """Whether this is a recogniser's label, such as `Speaker 2` or `SPEAKER_00`."""
    return _GENERIC.fullmatch(name) is not None


def is_name(line: str) -> bool:
    """Whether a line alone can be a name: written like one, and no sentence."""
    return bool(line) and line[-1] not in ".,;:!?" and plausible(line) and proper(line)


def find_names(texts: list[str], *, timed: bool) -> frozenset[str]:
    """The names that label `texts` (cues or paragraphs), empty where the colons are only punctuation.

    timed: the texts are captions, where a label is likelier than in prose.
    """
    found = [
        (i, *split)
        for i, text in enumerate(texts)
        if (":" in text or "：" in text or text[:1] == "[") and (split := label(text)) and plausible(split[0])
    ]
    if not found:
        return frozenset()
    _, labels, rests = zip(*found, strict=True)
    forms = Counter(map(str.casefold, labels))
    counts = {name: forms[name.casefold()] for name in labels}
    share = len(labels) / len(texts)
    if timed and share >= 0.8 and len(counts) <= max(20, len(texts) / 2):
        return frozenset(counts)
    strong = {name for name, times in counts.items() if _GENERIC.fullmatch(name) or (times >= 3 and proper(name))}
    if not strong:
        # Each name once: alone on lines, or before every sentence there is.
        once = len(labels) > 1 and (
            not any(rests) or (share == 1 and all(rest.rstrip()[-1:] in _ENDS for rest in rests))
        )
        few = len(texts) <= 20 and share >= 1 / 3 if timed else share >= 0.5 and (max(counts.values()) >= 2 or once)
        return frozenset(filter(proper, counts)) if few else frozenset()
    first = next(i for i, name, _ in found if name in strong)
    if share < 0.1 and first > 20 and first > len(texts) / 10:
        return frozenset()  # a labelled transcript is labelled from the start
    for name, times in counts.items():
        if (proper(name) and (times > 1 or share >= 0.3 or " " in name)) or (times >= 5 and share >= 0.3):
            strong.add(name)
    return frozenset(strong)


def split_label(text: str, names: frozenset[str]) -> tuple[str, str]:
    """(name, rest) where the text starts with one of `names`, else ("", text)."""
    found = label(text)
    return found if found and found[0] in names else ("", text)


def assign(cues: list[Cue], names: frozenset[str]) -> list[Cue]:
    """Cues with their labels taken off the text and carried forward over the turn.

    A caption that holds several labelled lines becomes one cue per speaker, its time shared by length.
    """
    current, result = "", []
    for cue in cues:
        text = cue.text
        if cue.speaker or not (":" in text or "：" in text or "[" in text):
            # `>>` is somebody else: who, only a name behind the mark could say.
            current = cue.speaker or ("" if text[:2] == ">>" else current)
            result.append(Cue(cue.start_ms, cue.end_ms, text, current) if current else cue)
            continue
        for part in _turns(cue, names):
            name, rest = split_label(part.text, names)
            current = name or current
            if rest.strip():
                result.append(Cue(part.start_ms, part.end_ms, rest.strip(), current))
    return result


def _turns(cue: Cue, names: frozenset[str]) -> list[Cue]:
    if "\n" not in cue.text:
        return [cue]
    turns: list[str] = []
    for line in cue.text.split("\n"):
        if not turns or split_label(line, names)[0]:
            turns.append(line)
        else:
            turns[-1] += "\n" + line
    return share_time(cue, [(cue.speaker, turn) for turn in turns])


def share_time(cue: Cue, turns: list[tuple[str, str]]) -> list[Cue]:
    """One cue per (speaker, text), with the cue's time shared out by the length of the texts."""
    if len(turns) == 1 or cue.start_ms is None or cue.end_ms is None:
        return [Cue(cue.start_ms, cue.end_ms, text, speaker) for speaker, text in turns]
    times = pairwise(shared(cue.start_ms, cue.end_ms, [text for _, text in turns]))
    return [Cue(start, end, text, speaker) for (start, end), (speaker, text) in zip(times, turns, strict=True)]


_COLOUR = re.compile(
    r"\s{0,9}(?:\{\\1?c&H([0-9A-F]{6,8})&?[^{}]{0,40}\}|<font\s{1,9}color\s{0,9}=\s{0,9}[\"']?(#?\w{3,20})[\"']?\s{0,9}>)",
    re.I,
)


def by_colour(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """Cues that begin with a colour get it as their speaker, if colours mark most of the file."""
    colours = [(match[1] or match[2]).lower() if (match := _COLOUR.match(cue.text)) else "" for cue in cues]
    names = {colour: f"Speaker {i}" for i, colour in enumerate(dict.fromkeys(filter(None, colours)), 1)}
    if not 2 <= len(names) <= 12 or sum(map(bool, colours)) < len(cues) / 2:
        return cues
    notes.append(f"{len(names)} text colours taken for speakers.")
    return [replace(cue, speaker=names.get(colour, "")) for cue, colour in zip(cues, colours, strict=True)]


# Names that stand before the words without a colon: `[ADA] text`, `Ada – text`, or alone on the line above. Each
# becomes `Name: text`, in files where that is how most lines begin; elsewhere brackets and dashes are text.
# With each: whether every line of a cue can begin so, or only the cue.
_STYLES = (
    (re.compile(r"^\s{0,8}[\[(<](?:>>\s?)?([^\[\]()<>\n:]{1,60})[\])>]\s{0,3}[:–—-]?[^\S\n]{0,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([^\W\d_][^\n:–—|>]{0,58}?)(?:[ ]{1,3}(?:[–—|>]|--?)|—|–)[ ]{1,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([QA])\.[ ]{1,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([^\W\d_][^\n:]{0,58})\n(?=\S)"), False),
)
_SAMPLE = 200  # how a text is written shows in its first lines
_SOUNDS = re.compile(
    r".{0,20}(?:music|applau|laugh|cheer|sigh|gasp|cough|noise|silence|audible|crosstalk|clap|song|sing|bell|phone|door"
    r"|beep|bleep|foreign|musik|musique|rires|gelächter|chuckl|cries|crying|scream|whisper|shout|groan|sound|speaking)",
    re.I,
)


def with_colons(cues: list[Cue]) -> tuple[list[Cue], frozenset[str]]:
    """The cues with their names in the form `Name: text`, and the names; unchanged, and none, if that is no style."""
    first = cues[:_SAMPLE]
    for pattern, by_line in _STYLES:
        begun = ((pattern.search if "\n" in cue.text else pattern.match)(cue.text) for cue in first)
        if sum(map(bool, begun)) * 5 < len(first):
            continue
        found = [name for cue in cues for match in pattern.finditer(cue.text) if (name := _styled(match))]
        names = frozenset(found)
        size = sum(1 for cue in cues for line in cue.text.split("\n") if line.strip()) if by_line else len(cues)
        if len(found) * 2 >= size and (len(names) * 3 <= len(found) * 2 or all(map(is_generic, names))):
            return [replace(cue, text=pattern.sub(_with_colon, cue.text)) for cue in cues], names
    return list(cues), frozenset()


def _styled(match: re.Match[str]) -> str:
    name = one_line(match[1])
    return name if name and plausible(name) and proper(name) and not _SOUNDS.match(name) else ""


def _with_colon(match: re.Match[str]) -> str:
    return f"{name}: " if (name := _styled(match)) else match[0]


def names_on_lines(lines: list[str]) -> list[Cue]:
    """The turns of a text in which names stand alone on the line above what they say; empty if it is no such text."""
    said = [line.strip() for line in lines if line.strip()]
    first = said[:_SAMPLE]
    if sum(1 for line in first if _alone(line)) * 8 < len(first):
        return []
    alone = list(map(_alone, said))
    places = {i: name for i, name in enumerate(alone[:-1]) if name and not alone[i + 1]}
    counts = Counter(places.values())
    names = {name for name, times in counts.items() if times >= 2 or is_generic(name)}
    often = sum(counts[name] for name in names)
    if len(names) < 2 or often * 4 < len(said) or often * 2 < len(places):
        return []
    capitals = next(iter(names)).isupper()  # where names are written so, one that speaks only once is too
    cues, speaker = [], ""
    for i, line in enumerate(said):
        if i in places and (places[i] in names or places[i].isupper() == capitals):
            speaker = places[i]
        else:
            cues.append(Cue(None, None, line, speaker))
    return cues


def _alone(line: str) -> str:
    """The name that a line is, or ""."""
    if len(line) >= 99:
        return ""
    name = (_STAGED.sub("", one_line(line)) if "(" in line else one_line(line)).strip("[] :")
    return name if is_name(name) and not _SOUNDS.match(name) else ""
