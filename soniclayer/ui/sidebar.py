"""The sidebar: who evaluates, and what is kept on disk."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from pydantic import SecretStr

from soniclayer import cache
from soniclayer.errors import SonicLayerError
from soniclayer.evaluators import Evaluator
from soniclayer.personas import Persona, Registry
from soniclayer.settings import Settings
from soniclayer.ui.words import escape, size

if TYPE_CHECKING:
    from soniclayer.endpoint import Endpoint  # brings LangChain, which takes a second to load

LIST_TIMEOUT_S = 5.0
LIST_KEPT_S = 60.0
COUNT_KEPT_S = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """Who evaluates.

    Attributes:
        kind: "builtin" or "chat".
        identity: what tells two choices apart, without any secret; "" where the choice is not complete yet.
        in_flight: how many calls it can make at once.
        make: a new evaluator for a show of the given name.
    """

    kind: str
    identity: str
    in_flight: int
    make: Callable[[str], Evaluator]


def secrets() -> dict[str, object]:
    """Streamlit's secrets, empty where there is no secrets file."""
    return dict(st.secrets) if st.secrets.load_if_toml_exists() else {}


def render(settings: Settings, registry: Registry) -> Choice:
    """Draw the sidebar and return who evaluates."""
    with st.sidebar:
        kind = st.segmented_control(
            "Evaluator",
            ["builtin", "chat"],
            default="chat" if settings.chat_configured else "builtin",
            format_func={"builtin": "Built-in", "chat": "Chat model"}.__getitem__,
            required=True,
            key="evaluator",
            help="Built-in needs no key and no network. A chat model judges better, and may cost money.",
        )
        choice = _chat(settings) if kind == "chat" else _builtin(registry)
        st.space("medium")
        _kept_answers()
    return choice


@st.cache_resource(show_spinner=False, max_entries=4)
def _warmed(fingerprint: str, _personas: tuple[Persona, ...]) -> None:
    """Have the embedding loaded and the personas' tastes known while the user still looks for a file."""
    from soniclayer.evaluators.builtin import warm

    cache.engine().prepare(lambda: warm(_personas))


def _builtin(registry: Registry) -> Choice:
    # Imported here so that a page with a chat model never waits for the embedding.
    from soniclayer.evaluators.builtin import BuiltinEvaluator

    _warmed(registry.fingerprint, tuple(registry.values()))
    st.caption(
        "Compares words with each persona's likes and dislikes. No language model, no key, no network. "
        "Nothing leaves this machine."
    )
    return Choice("builtin", "builtin", 64, lambda show: BuiltinEvaluator())


def _chat(settings: Settings) -> Choice:
    address = st.text_input(
        "Server address",
        value=settings.base_url or "",
        placeholder="https://api.openai.com/v1",
        key="base_url",
        help="Any server that speaks OpenAI's protocol. Ollama: http://localhost:11434/v1. "
        "LM Studio: http://localhost:1234/v1. Empty means OpenAI.",
    ).strip()
    typed = st.text_input(
        "API key",
        type="password",
        key="api_key",
        autocomplete="off",
        placeholder="Set by OPENAI_API_KEY" if settings.api_key else "Not needed by most local servers",
        help="Used for the calls of this browser session only. It is never stored, logged or exported.",
    ).strip()
    key = SecretStr(typed) if typed else _own_key(settings, address)
    try:
        endpoint, identity = _endpoint(address or None, key, settings.concurrency)
    except SonicLayerError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return _unfinished()
    model = _model(endpoint, identity, settings.model)
    concurrency = _concurrency(endpoint)
    if not model:
        return _unfinished()
    identity = f"{identity} {model} {settings.samples}"
    return Choice("chat", identity, concurrency, lambda show: _evaluator(endpoint, model, settings, show))


def _own_key(settings: Settings, address: str) -> SecretStr | None:
    # A key from the environment goes only to the server it was set up with, never to an address typed in the page.
    return settings.api_key if address.rstrip("/") == (settings.base_url or "") else None


def _unfinished() -> Choice:
    def make(show: str) -> Evaluator:
        raise NotImplementedError("the choice is not complete; its identity is empty")

    return Choice("chat", "", 1, make)


def _evaluator(endpoint: Endpoint, model: str, settings: Settings, show: str) -> Evaluator:
    from soniclayer.evaluators.chat import chat_evaluator

    return chat_evaluator(endpoint, model, settings, store=cache.store, show=show)


def _endpoint(address: str | None, key: SecretStr | None, concurrency: int) -> tuple[Endpoint, str]:
    """The process's one endpoint of this address and key, and what tells it from others, without the key itself."""
    from soniclayer.endpoint import Endpoint

    secret = key.get_secret_value() if key else ""
    digest = hashlib.blake2b(f"{address}\n{secret}".encode(), digest_size=16).hexdigest()
    identity = f"endpoint {digest}"
    make = lambda: Endpoint(address, key, concurrency=concurrency)  # noqa: E731
    return cache.engine().shared(identity, make), identity


def _concurrency(endpoint: Endpoint) -> int:
    def resize() -> None:
        # Only on a change: another session's number must not undo this one's.
        cache.engine().call(endpoint.resize(st.session_state["concurrency"]))

    return st.number_input(
        "Calls in flight",
        min_value=1,
        max_value=1000,
        value=endpoint.concurrency,
        key="concurrency",
        on_change=resize,
        help="At most, for all runs on this server together. When the server throttles, SonicLayer asks for less.",
    )


def _model(endpoint: Endpoint, identity: str, configured: str) -> str:
    known, problem = _models(endpoint, identity)
    options = list(dict.fromkeys([configured, *known] if configured else known))
    model = st.selectbox(
        "Model",
        options,
        index=0 if options else None,
        placeholder="Choose or type a model",
        accept_new_options=True,
        key="model",
        help="The list is what the server offers; another name can be typed.",
    )
    if problem:
        st.caption(f":material/info: The server's models cannot be listed. {escape(problem)}")
    return (model or "").strip()


def _models(endpoint: Endpoint, identity: str) -> tuple[list[str], str]:
    """What the server offers, and why it cannot be listed, or ""; asked at most once a minute per session."""
    known = st.session_state.setdefault("models", {})
    asked = known.get(identity)
    if asked is None or time.monotonic() - asked[0] > LIST_KEPT_S:
        try:
            answer = (cache.engine().call(endpoint.models(), timeout_s=LIST_TIMEOUT_S), "")
        except SonicLayerError as error:
            answer = ([], str(error))
        except TimeoutError:
            answer = ([], f"No answer within {LIST_TIMEOUT_S:.0f} s; check the server address.")
        asked = known[identity] = (time.monotonic(), *answer)
    return asked[1], asked[2]


@st.cache_data(ttl=COUNT_KEPT_S, show_spinner=False)
def _stored() -> tuple[int, int]:
    return cache.stored()


def _kept_answers() -> None:
    count, used = _stored()
    st.caption(f"{count:,} chat answers kept on disk, {size(used)}" if count else "No chat answers on disk")
    if st.button("Clear", key="clear", icon=":material/delete:", type="tertiary", disabled=not count):
        cache.clear()
        _stored.clear()
        st.rerun()
