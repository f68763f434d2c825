"""A page that is a virtual badge in somebody's hand: buttons to press, and a motor to feel."""

import asyncio
import collections
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nabij.errors import NabijError, UsageError
from nabij.event_lines import parse_event
from nabij.virtual import deeds
from nabij.virtual.badge import Line, VirtualBadge

_ASSETS: Final = Path(__file__).parent / "assets"
_TYPES: Final = {"badge.html": "text/html", "badge.css": "text/css", "badge.js": "text/javascript"}
# Of what the world sees: what a person would feel, see or hear.
_FELT: Final = ("motor", "led", "buzzer")
_KEPT: Final = 300
_A_YEAR_S: Final = 365 * 86_400.0
_BEAT_S: Final = 5.0
_POLICY: Final = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"


@dataclass
class Handheld:
    """Serves the page of a badge.

    `motions` are what it can go through, by name, the first over and over; `facts` are told to the
    page as they are.
    """

    badge: VirtualBadge
    motions: Mapping[str, Callable[[], Path]]
    facts: Mapping[str, Any]
    _told: collections.deque[dict[str, Any]] = field(
        default_factory=lambda: collections.deque(maxlen=_KEPT)
    )
    _number: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def application(self) -> Starlette:
        """The application, for one address of this machine."""
        return Starlette(
            routes=[
                Route("/", self._asset),
                Route("/assets/{name}", self._asset),
                Route("/facts", self._facts),
                Route("/stream", self._stream),
                Route("/do", self._do, methods=["POST"]),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def pump() -> None:
            for line in self.badge.lines(_A_YEAR_S):
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self._hear, line)

        threading.Thread(target=pump, name="badge-page", daemon=True).start()
        yield

    def _hear(self, line: Line) -> None:
        told: dict[str, Any] | None = None
        if line.fact is not None:
            told = {name: line.fact[name] for name in _FELT if name in line.fact} or None
            if line.fact.get("control") == "refused":
                told = {"refused": str(line.fact["why"])}
        elif (event := parse_event(line.text)) is not None:
            told = {"what": event.what, "fields": dict(event.fields)}
        if told is None:
            return
        self._number += 1
        self._told.append({"number": self._number, **told})
        self._news.set()
        self._news = asyncio.Event()

    async def _asset(self, request: Request) -> Response:
        name = request.path_params.get("name", "badge.html")
        if name not in _TYPES:
            return JSONResponse({"error": "There is no such file."}, 404)
        return FileResponse(
            _ASSETS / name,
            media_type=_TYPES[name],
            headers={"content-security-policy": _POLICY, "cache-control": "no-cache"},
        )

    async def _facts(self, _request: Request) -> Response:
        return JSONResponse({**self.facts, "motions": list(self.motions)})

    async def _stream(self, request: Request) -> Response:
        last = request.headers.get("last-event-id", "0")
        return StreamingResponse(
            self._events(int(last) if last.isdecimal() else 0), media_type="text/event-stream"
        )

    async def _events(self, after: int) -> AsyncIterator[str]:
        while True:
            news = self._news
            for one in [one for one in self._told if one["number"] > after]:
                after = one["number"]
                yield f"id: {after}\ndata: {json.dumps(one)}\n\n"
            try:
                await asyncio.wait_for(news.wait(), _BEAT_S)
            except TimeoutError:
                yield ": here\n\n"

    async def _do(self, request: Request) -> Response:
        if _is_foreign(request):
            return JSONResponse({"error": "Only the page of this badge may do that."}, 403)
        try:
            asked = await request.json()
            verbs = await asyncio.to_thread(self._verbs, asked)
            in_s = 0.0
            for verb, pause_s in verbs:
                self.badge.send({**verb, "in_ms": in_s * 1000})
                in_s += pause_s
        except (ValueError, TypeError, AttributeError):
            return JSONResponse({"error": "Send what to do as JSON."}, 400)
        except NabijError as error:
            return JSONResponse({"error": error.sentence}, 400)
        return JSONResponse({"done": True})

    def _verbs(self, asked: Mapping[str, Any]) -> list[deeds.Step]:
        word, motion, percent = asked.get("word"), asked.get("motion"), asked.get("battery")
        if isinstance(word, str) and word in deeds.WORDS:
            return deeds.WORDS[word]
        if isinstance(motion, str) and motion in self.motions:
            after = "loop" if motion == next(iter(self.motions)) else "hold"
            trace = self.motions[motion]()
            return [({"do": "play", "trace": str(trace.resolve()), "after": after}, 0.0)]
        if isinstance(percent, int) and 0 <= percent <= 100:
            return deeds.battery(percent)
        raise UsageError("A badge knows nothing of that: reload the page.")


def _is_foreign(request: Request) -> bool:
    """Whether a page of somebody else sent it, also one that has our address by its own name."""
    url = request.url
    if url.hostname not in {"127.0.0.1", "localhost"}:
        return True
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site != "same-origin" or origin != f"http://{request.headers.get('host', '')}"
