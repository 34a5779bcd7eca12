"""Does a stretch of speech talk to a language model instead of to listeners?

It only earns the segment a badge: it looks for orders to whoever evaluates, not for praise or for talk about models.
No word is withheld from a prompt for it. What keeps such words harmless is the fence in `prompts` and the validation
in `output_parser`; no list of phrases could.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INSTRUCTIONS = (
    r"(instructions?|prompts?|rules|guidelines|directions|commands|programming|system message|rubric|persona)"
)
_SEGMENT = r"(segments?|transcripts?|passages?|excerpts?|recordings?|episodes?|clips?)"
_FIVE = r"([15]|five|one|maximum|max|highest|perfect|top)"
_ENGLISH = (
    # Orders to drop what was said before.
    r"\b(ignore|disregard|forget|override|bypass|overrule) "
    r"((all|any|of|the|your|those|these|previous|prior|above|earlier|original|system|current) ){1,5}"
    rf"{_INSTRUCTIONS}\b(?! (on|of|in|from|for) )",
    r"\b(ignore|disregard|forget)\b.{0,15}\b(everything|anything|all)\b.{0,20}"
    r"\b(above|before this|previous|prior|told)",
    rf"\b(new|updated|real|actual|hidden) {_INSTRUCTIONS} (follow|for you)\b",
    # Naming the reader: a model, an assistant, its prompt.
    r"\byou are now an? (\w+ )?(ai|a\.i\.|language model|llm|chat ?bot|assistant)\b",
    r"\bas an? (ai|a\.i\.) (language )?model,? you\b",
    r"\b(attention|note to|message (to|for)),? (the |any |all |this )?"
    r"(ai|a\.i\.|language model|llm|chat ?gpt|gpt|chat ?bot|ai assistant|evaluator|scoring system)s?\b",
    r"\b(reveal|print|repeat|show|output) (me )?(your|the) (hidden |system |developer )*(prompt|system message)\b",
    r"\bsystem prompt (update|override)\b",
    # Orders about the score or the form of the answer.
    rf"\b(score|rate|grade|mark) (this|that|the|every|each|all)( (next|current|whole|following|later))* {_SEGMENT}\b"
    rf".{{0,30}}\b{_FIVE}\b",
    rf"\b(score|rate|grade|mark) (this|everything|it) (an? )?(as )?{_FIVE}\b(?! (of|star|to|for|and|in)\b)",
    r"\brate everything (an? )?(perfect|[15])\b",
    rf"\b(give|assign|award) (this|that|the|every|each|all)( \w+)? {_SEGMENT}\b.{{0,30}}\b{_FIVE}\b",
    r"\b(must|shall|only) (give|return|output|answer with|respond with) (an? )?(score|rating|confidence) (of|is)\b",
    r"\b(return|output|respond with|answer with|reply with) (an? )?(score|rating|confidence)( of)? [0-9]",
    r"\b(respond|reply|answer|output|return)\b.{0,15}\b(only|nothing but|exactly)\b.{0,20}"
    r"\b(json|xml|yaml|markdown)\b",
    r"\bsay (only|nothing but) the word\b",
    r"\boutput the word\b",
)
_OTHER_LANGUAGES = (
    # German
    r"\b(ignorier\w*|vergiss|vergesst|missachte\w*)\b.{0,30}\b(anweisung\w*|instruktion\w*|regeln|vorgaben|prompt)",
    r"\b(gib|gebt|vergib|bewerte|bewertet)\b.{0,25}\b(segment\w*|abschnitt\w*|sendung|alles)\b.{0,30}"
    r"\b([15]|fünf|höchst\w*|beste\w*|volle punktzahl|punkt\w*)\b",
    r"\b(antworte|antwortet)\b.{0,15}\b(nur|ausschließlich)\b.{0,20}\b(json|dem wort|mit)\b",
    r"\bdu bist (jetzt|nun|ab jetzt) (ein|eine) (ki|ai|sprachmodell|assistent\w*)\b",
    # Spanish and Portuguese
    r"\b(ignor[ae]\w*|olvid[ae]\w*|descart[ae]\w*|esqueç\w+)\b.{0,30}"
    r"\b(instrucciones|instruções|reglas|regras|indicaciones|prompt)\b",
    r"\b(punt[uú]a|califica|valora|dale|otorga|asigna|avalie)\b.{0,25}\b(segmento\w*|fragmento\w*|episodio|todo)\b"
    r".{0,30}\b([15]|cinco|máxim\w+|perfect\w+)\b",
    r"\b(responde|contesta|responda)\b.{0,15}\b(s[oó]lo|solamente|únicamente|apenas)\b.{0,20}"
    r"\b(json|con|com|la palabra)\b",
    r"\b(ahora eres|eres ahora) (una?|el) (ia|modelo|asistente)\b",
    # French and Italian
    r"\b(ignore[rz]|oubli\w+|ignora|ignorate|dimentic\w+)\b.{0,30}\b(instructions|consignes|règles|istruzioni|regole)\b",
    r"\b(note[zr]?|attribue[zr]?|donne[zr]?|valuta|assegna)\b.{0,25}\b(segment|extrait|passage|segmento|brano)\b.{0,30}"
    r"\b([15]|cinq|cinque|maximal\w*|massimo)\b",
)
_MARKS = (
    # What only a prompt has.
    r"<\|?/?(im_start|im_end|system|assistant|endoftext|said)[^>]{0,30}>",
    r"\[/?(INST|SYS)\]|<<SYS>>|###\s*(system|instruction|response|assistant|human|user)\b",
    r"(^|\n|[.!?] )\s*(system|assistant|developer)\s*:\s",
    r"""["'](score|rationale|confidence)["']\s*:""",
)


def _stems(pattern: str) -> tuple[str, ...]:
    """The beginnings of the words that a pattern may begin with; () where it has to be tried on every text."""
    head = re.match(r"\\b(?:\(([^()]*)\)|(\w+))", pattern)
    words = (head[1] or head[2]).split("|") if head else []
    stems = [re.match(r"[a-zà-ÿ]*", word) for word in words]
    return tuple(stem[0] for stem in stems if stem) if stems and all(stem and stem[0] for stem in stems) else ()


# Most texts hold hardly any of the words, and a text is looked through faster for words than for patterns.
_COMPILED = [(_stems(each), re.compile(each, re.IGNORECASE)) for each in (*_ENGLISH, *_OTHER_LANGUAGES, *_MARKS)]


def _addressed(text: str) -> bool:
    lowered = text.lower()
    return any(
        pattern.search(text) is not None
        for stems, pattern in _COMPILED
        if not stems or any(stem in lowered for stem in stems)
    )


# Letters of other alphabets that look like Latin ones, and what nobody sees.
_LOOK_ALIKES = str.maketrans(
    "абвгдеѕіјкӏмнорсԛтухԝуԁԍАВЕЅІЈКМНОРСТУХοαερτυικνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abbrdesijkimhopcqtyxwydgABESIJKMHOPCTYXoaeptuiknABEZHIKMNOPTYX",
)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LATIN = re.compile(r"[A-Za-z]")


@lru_cache(maxsize=4096)  # a segment is looked at once for each persona
def addressed_to_model(text: str) -> bool:
    """Whether the text reads like an order to whoever evaluates it."""
    if _addressed(text):
        return True
    if text.isascii():
        return False
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if _LATIN.search(plain):  # a text in another alphabet is no disguise
        plain = plain.translate(_LOOK_ALIKES)
    return plain != text and _addressed(plain)
