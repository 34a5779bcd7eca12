"""Does a stretch of speech talk to a language model instead of to listeners?

It only earns the segment a badge. What keeps such words harmless is the fence in `prompts.py` and the validation in
`answers.py`; no list of phrases could.
"""

from __future__ import annotations

import re
from functools import lru_cache

_INSTRUCTIONS = (
    r"(instructions?|prompts?|rules|guidelines|directions|commands|programming|system message|rubric|persona)"
)
_PATTERNS = (
    # Orders to drop what was said before.
    r"\b(ignore|disregard|forget|override|bypass|overrule) "
    r"((all|any|of|the|your|my|these|those|previous|prior|above|earlier|original|system|current) ){1,5}"
    rf"{_INSTRUCTIONS}",
    r"\b(ignore|disregard|forget)\b.{0,15}\b(everything|anything|all)\b.{0,20}\b(above|before|previous|prior|told)",
    rf"\b(new|updated|real|actual|hidden|following) {_INSTRUCTIONS} (are|is|for you|follow)",
    # Naming the reader: a model, an assistant, its prompt.
    r"\b(you are|you're|as) (now )?an? (\w+ )?(ai|a\.i\.|language model|llm|chat ?bot|assistant)\b",
    r"\b(attention|note to|message (to|for)),? (the |any |all |this )?"
    r"(ai|a\.i\.|language model|llm|chat ?gpt|gpt|chat ?bot|assistant|evaluator|scoring system)s?\b",
    r"\b(system|developer) (prompt|message)\b",
    r"\b(jailbreak|developer mode|do anything now)\b",
    # Orders about the score or the form of the answer.
    r"\b(score|rate|grade|mark) (this|that|it|them|me|my|our|everything|every|all|the (next|current|whole))\b.{0,30}"
    r"\b([15]|five|one|maximum|max|highest|perfect)\b(?! stars?)",
    r"\b(give|assign|award|output|return|answer with|respond with|reply with|set)\b.{0,30}"
    r"\b(score|rating|confidence|5/5|five out of five|full marks)\b",
    r"\b(respond|reply|answer|output|write|print|return|say)\b.{0,15}\b(only|nothing but|exactly)\b.{0,20}"
    r"\b(json|word|text|yes|score|xml|html|markdown)\b",
    # Marks that only a prompt has.
    r"<\|?/?(im_start|im_end|system|assistant|endoftext|said)[^>]{0,30}>",
    r"\[/?(INST|SYS)\]|<<SYS>>|###\s*(system|instruction|response|assistant|human|user)\b",
    r"(^|\n|[.!?] )\s*(system|assistant|developer)\s*:\s",
    r"""["'](score|rationale|confidence)["']\s*:""",
)
_ADDRESSED = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


@lru_cache(maxsize=4096)  # a segment is looked at once for each persona
def addressed_to_model(text: str) -> bool:
    """The text reads like an instruction to whoever evaluates it."""
    return _ADDRESSED.search(text) is not None
