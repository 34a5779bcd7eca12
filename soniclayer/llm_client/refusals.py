"""An HTTP status, headers and a server's words -> the error that they mean, by the table `refusal_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.errors import FatalError
from soniclayer.llm_client.errors import LONGEST_WAIT_S, RequestError, Retry
from soniclayer.llm_client.explanations import Said, shortened
from soniclayer.llm_client.refusal_rules import CONTEXT, EMBEDDED, RULES
from soniclayer.llm_client.waits import requested_wait

if TYPE_CHECKING:
    from collections.abc import Mapping


def refusal(status: int, headers: Mapping[str, str], said: Said) -> RequestError | FatalError:
    """What an HTTP status other than 200, or an error inside a 200, means: for this question, or for all."""
    if 300 <= status < 400:
        return _redirect(headers)
    rule = next(rule for rule in RULES if rule.fits(status, said.text))
    waits = rule.retry in (Retry.TRANSIENT, Retry.THROTTLED) or rule.kind == "daily quota"
    wait_s = requested_wait(headers, said.text) if waits else 0.0
    shown = _shown(status, said)
    if wait_s > LONGEST_WAIT_S:
        return FatalError(
            f"The model server asks to wait {wait_s / 60:.0f} minutes {shown}. "
            "Press Evaluate again then; everything answered is kept."
        )
    message = rule.message.replace("{said}", shown)
    if rule.retry is None:
        return FatalError(message)
    return RequestError(
        message,
        kind=rule.kind,
        retry=rule.retry,
        status=400 if status == EMBEDDED else status,
        words=said.text,
        wait_s=wait_s,
        stops=rule.stops,
    )


def is_about_context(words: str) -> bool:
    """The server's words say that the prompt, or prompt and answer, do not fit into the model's context."""
    return CONTEXT.search(words) is not None


def _shown(status: int, said: Said) -> str:
    where = "(inside HTTP 200)" if status == EMBEDDED else f"(HTTP {status})"
    return f"{where}: “{shortened(said.words)}”" if said.words else where


def _redirect(headers: Mapping[str, str]) -> RequestError:
    where = headers.get("Location", "another address").partition("?")[0][:200]
    return RequestError(
        f"The model server sends on to {where}, which is not followed. "
        "Give its address (under Settings, or OPENAI_BASE_URL) as what it is.",
        kind="redirect",
        retry=Retry.NEVER,
        stops=True,
    )
