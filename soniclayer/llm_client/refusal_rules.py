"""Everything known about how servers refuse: a table, read from top to bottom; the first rule that fits decides.

To add a behaviour of a server: one row. `refusals` makes errors of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.llm_client.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Collection

EMBEDDED = 200
"""The status of an error that came inside a good reply without a code of its own."""

_REFUSED = (400, 401, 403, 404, 405, 406, 412, 422, 424, 429, 500, EMBEDDED)
_PARAMETER = re.compile(
    r"response_?(format|schema)|json|schema|grammar|guided|structured|temperature|max_\w{0,12}tokens|parameter|argument"
    r"|(system|developer) (role|message|prompt|instruction)|stream|enable_thinking|prompt_cache_key",
    re.IGNORECASE,
)
CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|(maximum|max).{0,20}context|prompt.{0,20}too long|too many tokens"
    r"|input.{0,20}(too long|exceed)|exceeds.{0,40}context|tokens.{0,40}must be <=",
    re.IGNORECASE,
)
_SOON = re.compile(
    r"retry in|try again in|retrydelay|per.?min|per.?second|rate.?limit|throttl|please wait", re.IGNORECASE
)


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to be refused.

    Attributes:
        kind: short stable name of it.
        message: for the user; `{said}` stands for the status and the server's words.
        status: statuses it may come with; empty for any.
        pattern: what the server's words or codes must hold; None for anything.
        unless: what they must not hold.
        retry: whether to ask again. None: nothing can be answered here, the run ends.
        stops: see `RequestError`.
    """

    kind: str
    message: str
    status: Collection[int] = ()
    pattern: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    retry: Retry | None = None
    stops: bool = False

    def fits(self, status: int, text: str) -> bool:
        """The rule says what this refusal means."""
        return (
            (not self.status or status in self.status)
            and (self.pattern is None or self.pattern.search(text) is not None)
            and (self.unless is None or self.unless.search(text) is None)
        )


RULES = (
    Rule(
        kind="proxy",
        status=(407,),
        message="The proxy wants a password (HTTP 407). Put user and password into the proxy's address: "
        "HTTPS_PROXY=http://user:password@host:port, or HTTP_PROXY for a server that is asked over http.",
    ),
    Rule(
        kind="https",
        status=_REFUSED,
        pattern=_pattern("http request to an https server", "http request was sent to https port"),
        message="The model server expects HTTPS {said}. "
        "Let its address (under Settings, or OPENAI_BASE_URL) begin with https://.",
    ),
    Rule(
        kind="refused",
        status=(400, 403, 422, 451, EMBEDDED),
        pattern=_pattern(
            r"moderation",
            r"\bflagged\b",
            r"content.?(policy|filter|management)",
            r"safety",
            "responsible ?ai",
            "inappropriate",
            "sensitive content",
            "prohibited content",
            "data_?inspection",
            "harmful",
        ),
        retry=Retry.NEVER,
        message="The model server does not let this segment through {said}. Use another model for it.",
    ),
    Rule(
        kind="key",
        status=(400, 403, 500, EMBEDDED),
        pattern=_pattern(
            r"(invalid|incorrect|wrong|missing|expired|bad|revoked|disabled|no|provide (an?|your)).{0,20}"
            r"(api.?key|auth\w{0,12} (key|token|credential)|bearer|subscription key|auth credentials)",
            r"api.?key.{0,30}(invalid|not valid|incorrect|missing|expired|required|not found|disabled)",
            "unauthori[sz]ed",
            "authentication.{0,20}(error|failed|required)",
            "invalid_authentication",
            "no connected db|no_db_connection",  # LiteLLM, of a key that is not its own
        ),
        message="The model server refuses the key {said}. Check OPENAI_API_KEY.",
    ),
    # What the server says beside a 401 is left out: some repeat the key.
    Rule(kind="key", status=(401,), message="The model server refuses the key (HTTP 401). Check OPENAI_API_KEY."),
    Rule(
        kind="no credit",
        status=(402,),
        message="The account of OPENAI_API_KEY has no credit left {said}. Top it up, or set another key.",
    ),
    Rule(
        kind="no credit",
        status=_REFUSED,
        pattern=_pattern(
            "insufficient_quota",
            r"insufficient.{0,12}(balance|credit|fund)",
            "credit balance",
            "usage limits",
            r"(out of|no|more|purchase|have any) credits?\b",
            r"budget.{0,20}exceeded|exceeded.{0,20}budget",
            r"account.{0,40}suspended",
            "余额不足|欠费",
            "(spending|spend|billing hard) limit",
            "payment required",
            "arrear",
            r"balance.{0,30}(too low|not enough|exhausted|insufficient)",
        ),
        message="The account of OPENAI_API_KEY has no credit left {said}. Top it up, or set another key.",
    ),
    Rule(
        kind="daily quota",
        status=(429,),
        pattern=_pattern(r"per.?day", r"\bdaily (limit|quota)", r"\b[TR]PD\b"),
        unless=_pattern("retry in", "try again in"),
        message="Today's quota of this key is used up {said}. Evaluate again tomorrow, or set another key or model; "
        "everything answered is kept.",
    ),
    Rule(
        kind="no credit",
        status=(400, 403, 429, EMBEDDED),
        pattern=_pattern("exceeded.{0,20}current quota", r"\bbilling\b", r"no.{0,10}quota"),
        unless=_SOON,
        message="The account of OPENAI_API_KEY has no credit left {said}. Top it up, or set another key.",
    ),
    Rule(
        kind="no model",
        status=_REFUSED,
        pattern=_pattern(r"no models? (is |are )?(currently )?loaded", "load a model"),
        message="The model server has no model loaded {said}. Load one there, then evaluate again.",
    ),
    Rule(
        kind="no model",
        status=(400, 500, EMBEDDED),
        pattern=_pattern(r"requires? more .{0,20}memory", "insufficient (system )?(resources|memory)"),
        message="The model server cannot load this model {said}. Choose a smaller one, then evaluate again.",
    ),
    Rule(
        kind="no model",
        status=(400, 401, 403, 404, 422, EMBEDDED),
        pattern=_pattern(
            r"\bmodels?\b.{0,80}(not found|not exist|not a valid|(is not|isn't) available|unavailable|unknown)",
            r"(unknown|invalid|no such|unsupported|not a valid) model\b",
            "model_not_found",
            "try pulling",
            "no endpoints found for",
            "deploymentnotfound",
            "decommissioned|no longer (supported|available)",
            r"not supported by any provider|no healthy deployments|non-serverless model",
            r"model_not_(supported|available)",
            r"(only|not) supported in (the )?v1/|not a chat model",
            r"deployment.{0,40}does not exist",
        ),
        unless=_PARAMETER,
        message="The model server does not know this model {said}. "
        "Choose another under Settings, or set SONICLAYER_MODEL.",
    ),
    Rule(
        kind="address",
        status=_REFUSED,
        pattern=_pattern(
            "unexpected endpoint",
            r"unknown (request )?url",
            "invalid url",
            r"cannot (post|get) /",
            "no route",
            r"route.{0,20}not found",
            "method not allowed",
            r"endpoint.{0,20}not (found|supported|exist)",
        ),
        message="The model server has no chat at this address {said}. "
        "Check the server's address (under Settings, or OPENAI_BASE_URL): it usually ends in /v1.",
    ),
    Rule(
        kind="request refused",
        status=(404,),
        pattern=_pattern("parameter", "support.{0,30}(tool|format|response|json)"),
        retry=Retry.NEVER,
        stops=True,
        message="The model server refused the request {said}. Choose another model or server.",
    ),
    Rule(
        kind="address",
        status=(404, 405),
        message="The model server does not know this model or address {said}. "
        "Check both under Settings, or SONICLAYER_MODEL and OPENAI_BASE_URL: an address usually ends in /v1.",
    ),
    Rule(
        kind="overloaded",
        status=(403, 400, EMBEDDED),
        pattern=_pattern(r"rate.?limit", "too many requests", "overloaded", "resource.?exhausted", "at capacity"),
        retry=Retry.THROTTLED,
        message="The model server is overloaded {said}. Retry later, or lower SONICLAYER_CONCURRENCY.",
    ),
    Rule(
        kind="forbidden",
        status=(403,),
        retry=Retry.NEVER,
        stops=True,
        message="The model server forbids this {said}. Check what OPENAI_API_KEY may use, and from where.",
    ),
    Rule(
        kind="server error",
        status=(400, 422, EMBEDDED),
        pattern=_pattern("failed to (generate|validate) json", "json_validate_failed", "tool_use_failed"),
        retry=Retry.TRANSIENT,
        message="The model did not manage to write JSON {said}. Retry, or choose another model.",
    ),
    Rule(
        kind="server error",
        status=(400, EMBEDDED),
        pattern=_pattern(r"\bcrashed\b", "terminated unexpectedly"),
        retry=Retry.TRANSIENT,
        message="The model server failed {said}. Retry later.",
    ),
    Rule(
        kind="too long",
        status=(413,),
        retry=Retry.NEVER,
        message="The segment is too long for this model {said}. "
        "Use shorter segments or a model with a larger context.",
    ),
    Rule(
        kind="too long",
        status=(400, 404, 422, 424, 429, EMBEDDED),
        pattern=CONTEXT,
        unless=_SOON,
        retry=Retry.NEVER,
        message="The segment is too long for this model {said}. "
        "Use shorter segments or a model with a larger context.",
    ),
    Rule(
        kind="overloaded",
        status=(429, 498, 503, 529),
        retry=Retry.THROTTLED,
        message="The model server is overloaded {said}. Retry later, or lower SONICLAYER_CONCURRENCY.",
    ),
    Rule(
        kind="server error",
        status=(EMBEDDED, 408, 409, 424, 425, *range(500, 600)),
        retry=Retry.TRANSIENT,
        message="The model server failed {said}. Retry later.",
    ),
    Rule(
        kind="request refused",
        retry=Retry.NEVER,
        message="The model server refused the request {said}. Choose another model or server.",
    ),
)
