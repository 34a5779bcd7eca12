"""Settings: who evaluates, and what is kept on disk; a menu of the header."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from pydantic import SecretStr

from soniclayer import cache, clearing
from soniclayer.approval import clearing_question
from soniclayer.errors import SonicLayerError
from soniclayer.evaluators.registry import EVALUATORS, EvaluatorSpec, evaluator_spec, preferred
from soniclayer.phrasing import plural
from soniclayer.shipped import is_own
from soniclayer.ui.state import again, go, keyed, state, told
from soniclayer.ui.text import escape, size

if TYPE_CHECKING:
    from soniclayer.llm_client.client import Endpoint
    from soniclayer.llm_client.discovery import LocalServer
    from soniclayer.personas import Persona, Registry
    from soniclayer.settings import Settings
    from soniclayer.source import Source

LIST_TIMEOUT_S = 5.0
LIST_KEPT_S = 60.0
COUNT_KEPT_S = 30
OF_THIS_SHOW, OF_ALL_SHOWS = "Of this show", "Of all shows"


@dataclass(frozen=True, slots=True)
class Choice:
    """Who evaluates, and with which settings.

    Attributes:
        spec: the row of the table of evaluators.
        settings: the process's, with what was typed on the page.
        identity: what tells two choices apart, without any secret; "" where the choice is not complete yet.
    """

    spec: EvaluatorSpec
    settings: Settings
    identity: str


def secrets() -> dict[str, object]:
    """Streamlit's secrets, empty where there is no secrets file."""
    return dict(st.secrets) if st.secrets.load_if_toml_exists() else {}


def render(settings: Settings, registry: Registry, source: Source | None) -> Choice:
    """Draw the menu and return who evaluates. `source`: of the show that is open."""
    with st.popover("Settings", icon=":material/tune:", type="tertiary", key="settings"):
        spec = _evaluator(preferred(settings).id)
        if spec.prepare is not None:
            _prepared(spec.id, registry.fingerprint, tuple(registry.values()))
        chosen = _server(settings) if spec.asks_server else settings
        if not spec.asks_server:
            st.caption(spec.help)
        _whose_personas(settings.personas)
        if not settings.locked:
            _kept_answers(settings, source)
    identity = spec.identity(chosen) if chosen is not None else ""
    return Choice(spec, chosen or settings, f"{spec.id} {identity}" if identity else "")


def _evaluator(usual: str) -> EvaluatorSpec:
    chosen = state().place.evaluator
    key = chosen if chosen in EVALUATORS else usual
    widget = keyed("evaluator", key)
    st.segmented_control(
        "Evaluator",
        list(EVALUATORS),
        default=key,
        format_func=lambda key: EVALUATORS[key].label,
        required=True,
        key=widget,
        help="Built-in needs no key and no network. A chat model judges better, and may cost money.",
        on_change=told,
        args=("evaluator", widget, lambda evaluator: use(evaluator, usual)),
    )
    return evaluator_spec(key)


def use(evaluator: str, usual: str) -> None:
    """Callback: have this evaluator judge; the usual one does not stand in the address."""
    go(evaluator="" if evaluator == usual else evaluator)


@st.cache_resource(show_spinner=False, max_entries=4)
def _prepared(evaluator: str, fingerprint: str, _personas: tuple[Persona, ...]) -> None:
    """Have an evaluator loaded and the personas known to it while the user still looks for a file."""
    prepare = evaluator_spec(evaluator).prepare
    if prepare is not None:
        cache.engine().prepare(lambda: prepare(_personas))


def _server(settings: Settings) -> Settings | None:
    """The settings with the server, key and model that were chosen; None where one of them cannot be used."""
    from soniclayer.evaluators.chat.factory import endpoint as client_of
    from soniclayer.evaluators.chat.factory import server_key

    if settings.locked:
        endpoint = client_of(settings, cache.engine().shared)
        model = _model(endpoint, server_key(settings), settings.model)
        return settings.chosen(model=model, thrifty=_thrifty(settings))
    if not settings.chat_configured:
        _offer_local_servers()
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
    timeout_s = _timeout(settings)
    chosen = settings.chosen(base_url=address, api_key=SecretStr(typed) if typed else None, timeout_s=timeout_s)
    try:
        endpoint = client_of(chosen, cache.engine().shared)
    except SonicLayerError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return None
    model = _model(endpoint, server_key(chosen), settings.model)
    concurrency = _concurrency(endpoint)
    update = {"model": model, "concurrency": concurrency, "thrifty": _thrifty(settings)}
    return chosen.model_copy(update=update)


@st.cache_resource(show_spinner=False)
def _local_servers() -> list[LocalServer]:
    """The model servers on this machine; looked for once."""
    from soniclayer.llm_client.discovery import find_local_servers

    try:
        return cache.engine().call(find_local_servers(), timeout_s=LIST_TIMEOUT_S)
    except TimeoutError:
        return []


def _offer_local_servers() -> None:
    def use(server: LocalServer) -> None:
        st.session_state["base_url"], st.session_state["model"] = server.address, server.models[0]

    for server in _local_servers():
        st.button(escape(server.offer), key=f"use {server.address}", on_click=use, args=(server,))


def _timeout(settings: Settings) -> float:
    return float(
        st.number_input(
            "Time-out in seconds",
            min_value=1,
            max_value=86_400,
            value=round(settings.timeout_s),
            key="timeout",
            help="For one call, from when the server can be expected to begin. A large local model needs more.",
        )
    )


def _thrifty(settings: Settings) -> bool:
    return st.toggle(
        "Thrifty mode",
        value=settings.thrifty,
        key="thrifty",
        help="One call asks a persona about eight segments in a row: less than half the price, an eighth of the "
        "calls. Neighbouring segments may pull on one another.",
    )


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


def _model(endpoint: Endpoint, server: str, configured: str) -> str:
    known, problem = _models(endpoint, server)
    options = list(dict.fromkeys([configured, *known] if configured else known))
    if options and not st.session_state.get("model"):
        st.session_state["model"] = options[0]  # the box was drawn before there was anything to choose
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


def _models(endpoint: Endpoint, server: str) -> tuple[list[str], str]:
    """What the server offers, and why it cannot be listed, or ""; asked at most once a minute per session."""
    known = state().models
    asked_at, names, problem = known.get(server, (-LIST_KEPT_S, [], ""))
    if time.monotonic() - asked_at > LIST_KEPT_S:
        try:
            names, problem = cache.engine().call(endpoint.models(), timeout_s=LIST_TIMEOUT_S), ""
        except SonicLayerError as error:
            names, problem = [], str(error)
        except TimeoutError:
            names, problem = [], f"No answer within {LIST_TIMEOUT_S:.0f} s; check the server address."
        known[server] = (time.monotonic(), names, problem)
    return names, problem


def _whose_personas(path: Path) -> None:
    if not is_own(path):
        st.caption(
            "Personas: those that come with SonicLayer. `soniclayer init` puts them into this folder, to edit."
        )
    elif path.parent == Path.cwd():
        st.caption(f"Personas: **{escape(path.name)}** in this folder")
    else:
        st.caption(f"Personas: **{escape(str(path))}**")


@st.cache_data(ttl=COUNT_KEPT_S, show_spinner=False)
def _stored() -> tuple[int, int]:
    return clearing.stored()


def _kept_answers(settings: Settings, source: Source | None) -> None:
    count, used = _stored()
    kept = f"{plural(count, 'chat answer')} kept on disk, {size(used)}" if count else "No chat answers on disk"
    st.caption(kept)
    if st.toggle("Clear the chat answers", key="clear-asks"):
        _clear(settings, source)
    if (cleared := clearing.cleared()) and st.button(f"Bring back {plural(cleared, 'answer')}", key="undo-clear"):
        clearing.undo_clear()
        _stored.clear()
        again()


def _clear(settings: Settings, source: Source | None) -> None:
    show = None
    if source is not None:
        which = st.segmented_control(
            "Which answers", [OF_THIS_SHOW, OF_ALL_SHOWS], default=OF_THIS_SHOW, required=True, key="clear-which"
        )
        show = source.content if which == OF_THIS_SHOW else None
    answers = clearing.stored()[0] if show is None else clearing.stored_of(show)
    name = source.name if source is not None and show is not None else ""
    st.text(clearing_question(answers, settings, name))
    if answers and st.button("Forget them", key="clear", icon=":material/delete:", type="tertiary"):
        clearing.clear_until_undone(show)
        _stored.clear()
        again()
