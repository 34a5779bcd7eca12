"""Providers with a protocol of their own, asked through LangChain's packages for them.

A model named `anthropic:claude-…` goes to one of these. These prefixes and no others: `mistral:7b` is a model of
Ollama's. Key and region come from the environment variables of the provider's own package.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.util import find_spec

from soniclayer.errors import FatalError, SettingsError
from soniclayer.llm_client.errors import ConnectionLostError, RequestError, Retry
from soniclayer.llm_client.explanations import Said, one_line
from soniclayer.llm_client.limiter import Limiter, Queue, Traffic
from soniclayer.llm_client.refusals import refusal


@dataclass(frozen=True, slots=True)
class Package:
    """What a prefix needs.

    Attributes:
        module: of LangChain's package.
        extra: name of our optional extra that installs it.
        errors: (module, class) of the exceptions that its calls raise.
        key: what its key is set by.
    """

    module: str
    extra: str
    errors: tuple[tuple[str, str], ...]
    key: str = "its key"


PACKAGES = {
    "anthropic": Package("langchain_anthropic", "anthropic", (("anthropic", "AnthropicError"),), "ANTHROPIC_API_KEY"),
    "google_genai": Package(
        "langchain_google_genai",
        "google",
        (("google.genai.errors", "APIError"), ("langchain_google_genai.chat_models", "ChatGoogleGenerativeAIError")),
        "GOOGLE_API_KEY",
    ),
    "bedrock_converse": Package(
        "langchain_aws",
        "bedrock",
        (("botocore.exceptions", "BotoCoreError"), ("botocore.exceptions", "ClientError")),
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ),
}


class Provider:
    """A provider as all runs share it: the limit on calls in flight, and what its exceptions mean.

    Attributes:
        address: what stands for the server's address wherever that is shown or stored.
    """

    def __init__(self, name: str, *, concurrency: int = 32, timeout_s: float = 120.0) -> None:
        """Raises SettingsError where the provider's package is not installed, naming it."""
        package = PACKAGES[name]
        if find_spec(package.module) is None:
            raise SettingsError(
                f"Models named {name}:… need the package {package.module.replace('_', '-')}, which is not installed. "
                f'Install it: pip install "soniclayer[{package.extra}]".'
            )
        self.name = name
        self.address = f"{name}:"
        self.timeout_s = timeout_s
        self.limiter = Limiter(concurrency)
        self.errors: tuple[type[BaseException], ...] = tuple(_exceptions(package))

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return self.limiter.limit

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at most."""
        return self.limiter.maximum

    @property
    def traffic(self) -> Traffic:
        """How many calls are in flight, and whether the provider throttles."""
        return self.limiter.traffic

    async def resize(self, concurrency: int) -> None:
        """Change how many calls may be in flight at most, for all runs."""
        self.limiter.resize(concurrency)

    def queue(self) -> Queue:
        """One run's queue for slots."""
        return self.limiter.queue()

    async def moves_on(self) -> None:
        """After a time-out: nothing is known of what the provider is at work on."""

    async def close(self) -> None:
        """Nothing to close: the connections are the package's own."""

    def error(self, error: BaseException, number: int) -> RequestError | FatalError:
        """What an exception of the provider's package means. number: of the call, as the limiter counts."""
        said = Said(one_line(str(error)))
        status = _status(error)
        if status is None:
            missing = "api_key" in said.words.lower() or "credentials" in said.words.lower()
            return self._named(refusal(401, {}, said)) if missing else ConnectionLostError()
        refused = self._named(refusal(status, {}, said))
        if isinstance(refused, RequestError) and refused.retry is Retry.THROTTLED:
            self.limiter.throttled(number, refused.wait_s)
        return refused

    def _named(self, error: RequestError | FatalError) -> RequestError | FatalError:
        """The error with the provider's own setting in it."""
        if isinstance(error, FatalError):
            return FatalError(str(error).replace("OPENAI_API_KEY", PACKAGES[self.name].key))
        return error


def _exceptions(package: Package) -> list[type[BaseException]]:
    found = []
    for module, name in package.errors:
        try:
            found.append(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue  # another version of the package; the other row names what it raises
    return found


def _status(error: BaseException) -> int | None:
    """The HTTP status that an exception carries, under the names that the three packages use."""
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 300 <= value < 600:
            return value
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        value = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return value if isinstance(value, int) else None
    return None
