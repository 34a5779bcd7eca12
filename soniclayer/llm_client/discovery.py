"""Model servers on this machine: looked for once, on localhost only, where nothing else is configured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from soniclayer.errors import EvaluatorError
from soniclayer.llm_client.client import Endpoint

PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
"""The ports that these servers listen on where nobody said otherwise."""
LOOK_S = 1.0
_NOT_FOR_CHAT = ("embed", "bge-", "rerank", "whisper", "clip")


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server that answered.

    Attributes:
        name: of the program that usually listens on its port.
        address: up to and including /v1.
        models: names of the models it offers for a chat, sorted; at least one.
    """

    name: str
    address: str
    models: tuple[str, ...]

    @property
    def offer(self) -> str:
        """What the page says on the button: "Use llama3.1 on Ollama"."""
        return f"Use {self.models[0]} on {self.name}"


async def find_local_servers(ports: dict[int, str] | None = None) -> list[LocalServer]:
    """The servers among `ports` (port -> name, by default `PORTS`) that list a model, in that order.

    Sends neither key nor headers, and takes a second at most.
    """
    found = await asyncio.gather(*(_look(port, name) for port, name in (ports or PORTS).items()))
    return [server for server in found if server is not None]


async def _look(port: int, name: str) -> LocalServer | None:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", connect_s=LOOK_S / 2, direct=True)
    try:
        listed = await endpoint.models()
    except EvaluatorError:
        return None
    finally:
        await endpoint.close()
    models = tuple(model for model in listed if not any(part in model.lower() for part in _NOT_FOR_CHAT))
    return LocalServer(name, endpoint.address, models) if models else None
