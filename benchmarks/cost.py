"""What a show costs in tokens and money, from rendered prompts and a real tokenizer; no server is asked.

    python -m benchmarks.cost                          an hour x 8 personas and x 50
    python -m benchmarks.cost --input 2.5 --output 10 --cached 1.25

Answers are taken to have 110 tokens a reaction and 14 a classification, with 10 for the code of one out of several.
Constant text comes first in every prompt, so a server that keeps prefixes has all but the scene of a repeated
question in its cache; "cached" prices them so.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tokenizers import Tokenizer  # noqa: E402

from benchmarks.clients import make_segments  # noqa: E402
from benchmarks.measures import table  # noqa: E402
from soniclayer import personas  # noqa: E402
from soniclayer.evaluators.chat.budget import Price  # noqa: E402
from soniclayer.evaluators.chat.prompts import (  # noqa: E402
    CLASSIFY_PROMPT,
    CLASSIFY_SEVERAL_PROMPT,
    Prompt,
    evaluate_prompt,
    evaluate_several_prompt,
    scene,
    several,
)
from soniclayer.evaluators.chat.together import FIRST_SINGLY, TOGETHER, codes  # noqa: E402
from soniclayer.feedback import Classification, Tone, Topic  # noqa: E402
from soniclayer.shipped import PACKAGE  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

REACTION_TOKENS, CLASSIFICATION_TOKENS, CODE_TOKENS = 110, 14, 10
LEAST_CACHED = 1024
"""A prefix that is shorter than this no provider keeps."""
GUESS = Classification(Topic.COMMUNITY, Tone.CASUAL)
SHOW = "breakfast_show.vtt"


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(PACKAGE / "evaluators" / "builtin" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@lru_cache(maxsize=200_000)
def count(text: str) -> int:
    """Tokens of a text as the built-in evaluator's WordPiece tokenizer cuts it, about as many as a chat model's."""
    return len(_tokenizer().encode(text, add_special_tokens=False).ids)


@dataclass(frozen=True)
class Bill:
    """Calls and tokens of one mode; `cached` are those of the input that a prefix cache would have."""

    calls: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0

    def plus(self, prompt: Prompt, told: str, output: int, *, first: bool) -> Bill:
        """With one more call."""
        fixed, varying = count(prompt.system), count(prompt.question.replace("{scene}", told))
        cached = 0 if first or fixed < LEAST_CACHED else fixed
        return replace(
            self,
            calls=self.calls + 1,
            input=self.input + fixed + varying,
            cached=self.cached + cached,
            output=self.output + output,
        )


def singly(show: Sequence[Segment], cast: Sequence[Persona]) -> Bill:
    """Every persona about every segment, and the topics eight to a call."""
    return reactions(show, cast, topics(show))


def reactions(show: Sequence[Segment], cast: Sequence[Persona], bill: Bill | None = None) -> Bill:
    """Every persona about every segment."""
    bill = bill or Bill()
    for persona in cast:
        for at, segment in enumerate(show):
            told = scene(segment, show=SHOW, classification=GUESS)
            bill = bill.plus(evaluate_prompt(persona), told, REACTION_TOKENS, first=at == 0)
    return bill


def thrifty(show: Sequence[Segment], cast: Sequence[Persona]) -> Bill:
    """The same by eights, the first segments singly."""
    bill = topics(show)
    for persona in cast:
        for segment in show[:FIRST_SINGLY]:
            told = scene(segment, show=SHOW, classification=GUESS)
            bill = bill.plus(evaluate_prompt(persona), told, REACTION_TOKENS, first=segment is show[0])
        for begin in range(FIRST_SINGLY, len(show), TOGETHER):
            group = show[begin : begin + TOGETHER]
            hints = {segment.index: GUESS for segment in group}
            told = several(group, codes(group), show=SHOW, hints=hints)
            output = len(group) * (REACTION_TOKENS + CODE_TOKENS)
            bill = bill.plus(evaluate_several_prompt(persona), told, output, first=begin == FIRST_SINGLY)
    return bill


def topics(show: Sequence[Segment]) -> Bill:
    """Topic and tone of every segment, eight to a call."""
    bill = Bill()
    for begin in range(0, len(show), TOGETHER):
        group = show[begin : begin + TOGETHER]
        output = len(group) * (CLASSIFICATION_TOKENS + CODE_TOKENS)
        bill = bill.plus(CLASSIFY_SEVERAL_PROMPT, several(group, codes(group), show=SHOW), output, first=begin == 0)
    return bill


def before(show: Sequence[Segment], cast: Sequence[Persona]) -> Bill:
    """As version 0.1.0 did it: topics singly too."""
    bill = reactions(show, cast)
    for at, segment in enumerate(show):
        bill = bill.plus(CLASSIFY_PROMPT, scene(segment, show=SHOW), CLASSIFICATION_TOKENS, first=at == 0)
    return bill


MODES = {"version 0.1.0": before, "usual": singly, "thrifty": thrifty}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What a show costs.")
    parser.add_argument("--input", type=float, default=0.40, help="money per million tokens in")
    parser.add_argument("--output", type=float, default=1.60, help="money per million tokens out")
    parser.add_argument("--cached", type=float, default=0.10, help="money per million tokens from the prompt cache")
    parser.add_argument("--minutes", type=int, default=60, help="length of the show")
    options = parser.parse_args()
    show = make_segments(2 * options.minutes)
    shipped = tuple(personas.load(ROOT / "personas.toml").values())
    fifty = tuple(replace(shipped[at % len(shipped)], id=f"p{at}") for at in range(50))
    rows = []
    for cast in (shipped, fifty):
        for name, mode in MODES.items():
            bill = mode(show, cast)
            plain = Price(options.input, options.output).of(bill.input, bill.output)
            cached = Price(options.input, options.output, options.cached).of(bill.input, bill.output, bill.cached)
            size = f"{options.minutes} min x {len(cast)}"
            tokens = (f"{bill.calls:,}", f"{bill.input:,}", f"{bill.cached:,}", f"{bill.output:,}")
            rows.append([size, name, *tokens, f"{plain:.2f}", f"{cached:.2f}"])
    print(table(["show", "mode", "calls", "tokens in", "of these cached", "tokens out", "money", "cached"], rows))


if __name__ == "__main__":
    main()
