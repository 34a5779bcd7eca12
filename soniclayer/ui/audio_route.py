"""The routes that serve the audio of shows, in byte ranges, and take uploads of it; see `app.py`.

No part of an address is a path: a token or a ticket is looked up, and what it leads to was registered before.
"""

from __future__ import annotations

from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from soniclayer.audio import Copy, playable
from soniclayer.errors import AudioError
from soniclayer.ui.addresses import new_token
from soniclayer.ui.audio_store import address, audio_with, folder_of, put, tickets
from soniclayer.ui.library import library

_HEADERS = {
    "cache-control": "private, no-cache",  # kept by the browser, but asked for with its ETag
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def routes() -> list[Route]:
    """What `st.App` serves beside the page, below `server.baseUrlPath`."""
    base = address("")
    return [
        Route(f"{base}{{token}}", _play, methods=["GET"]),  # and HEAD
        Route(f"{base}{{ticket}}", _take, methods=["PUT"]),
    ]


def _play(request: Request) -> Response:  # not async: Starlette calls it in a thread, and files may be slow
    audio = audio_with(request.path_params["token"])
    if audio is None:
        return _said("There is no audio at this address.", 404)
    try:
        kind = playable(audio)
        found = audio.path.stat()
    except (AudioError, OSError) as error:
        return _said(str(error), 404)
    response = FileResponse(audio.path, headers=_HEADERS, media_type=kind.media_type, stat_result=found)
    if response.headers["etag"] in _etags(request.headers.get("if-none-match", "")):
        kept = {name: response.headers[name] for name in ("etag", "last-modified", *_HEADERS)}
        return Response(status_code=304, headers=kept)
    return response


async def _take(request: Request) -> Response:
    show = tickets().get(request.path_params["ticket"])
    if show is None or await run_in_threadpool(library().source, show) is None:
        return _said("This upload is not expected any more. Open the show again, and upload it there.", 404)
    name = unquote(request.headers.get("x-file-name", ""))[:200] or "The audio file"
    try:
        with Copy(await run_in_threadpool(folder_of, show), new_token(), name) as copy:
            async for chunk in request.stream():
                if chunk:
                    await run_in_threadpool(copy.write, chunk)
            audio = await run_in_threadpool(copy.finish)
            await run_in_threadpool(put, show, audio)
    except AudioError as error:
        return _said(str(error), 422)
    except ClientDisconnect:
        return Response(status_code=499)
    return Response(status_code=204)


def _etags(header: str) -> set[str]:
    """The ETags that a browser has; a weak one is as good to read from."""
    return {part.strip().removeprefix("W/") for part in header.split(",")}


def _said(words: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(words, status, headers=_HEADERS | {"cache-control": "no-store"})
