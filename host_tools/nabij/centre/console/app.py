"""The console as an ASGI application: the table of routes, each behind the same guard."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route as AppRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nabij.centre.console import openapi, place_answers
from nabij.centre.console.asking import Ask, NotThereError, Visitor, visitor_of
from nabij.centre.console.entry import Entry
from nabij.centre.console.forms import Rendered, TooLateError, TooLongError, read_body, read_form
from nabij.centre.console.guard import (
    COOKIE,
    HEADERS,
    TOKEN_HEADER,
    UNSAFE,
    has_form_token,
    is_foreign,
)
from nabij.centre.console.kept_answers import KeptQueues
from nabij.centre.console.live import Live
from nabij.centre.console.models import Asked, Health, Refused
from nabij.centre.console.passkey_entry import WrongPasskeyError
from nabij.centre.console.passwords import BusyError
from nabij.centre.console.routes import ROUTES, Json, Page, Route
from nabij.centre.console.shared import Shared
from nabij.centre.console.visitors import Visitors
from nabij.centre.health.status import Status
from nabij.centre.incidents.handling import ActionRefusedError
from nabij.centre.people.roles import May, may
from nabij.centre.store import Store, StoreError
from nabij.centre.worker import Worker
from nabij.errors import NabijError

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
Method = Callable[[Request, Visitor | None], Awaitable[Response]]


@dataclass(frozen=True)
class Uses:
    """What the console stands on. `tell` says that something happened, `look` how all is."""

    store: Store
    worker: Worker
    live: Live
    entry: Entry
    visitors: Visitors
    page: Rendered
    tell: Callable[[tuple[int, ...]], None]
    look: Callable[[], Awaitable[Status]]


class RefusedError(Exception):
    """The request is not answered: a status, and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def build(uses: Uses) -> ASGIApp:
    """The application; every route of it stands in the table of routes."""
    answers = _Answers(uses)
    routes = [
        AppRoute(route.path, answers.endpoint(route), methods=[route.method]) for route in ROUTES
    ]
    return _Headers(Starlette(routes=routes))


class _Headers:
    """Gives every answer, also those about what does not exist, the same security headers."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.routes = app.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        is_asset = scope["path"].startswith("/assets/")

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS:
                    # What is opened by a link of its own forbids more.
                    headers.setdefault(name, value)
                headers["cache-control"] = "no-cache" if is_asset else "no-store"
            await send(message)

        await self._app(scope, receive, send_with)


class _Answers:
    def __init__(self, uses: Uses) -> None:
        self._uses = uses
        self._queues = KeptQueues(lambda: uses.live.version)
        shared = Shared(uses.visitors)
        self._own: dict[str, Method] = {
            "shared_incident": shared.shared_incident,
            "incident_key": shared.incident_key,
            "incident_file": shared.incident_file,
            "asset": self._asset,
            "openapi": self._openapi,
            "health": self._health,
            "stream": self._stream,
            "site_picture": self._site_picture,
        }

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """What answers the route."""

        async def answer(request: Request) -> Response:
            try:
                return await self._answer(route, request)
            except (RefusedError, TooLongError, TooLateError, NabijError) as error:
                return _refusal(route, error)

        return answer

    async def _answer(self, route: Route, request: Request) -> Response:
        if request.method in UNSAFE:
            if is_foreign(request.headers):
                raise RefusedError(403, "This did not come from a page of the console.")
            request.state.body = await read_body(request, route.most_body)
        answer = route.answer
        if isinstance(answer, Json):
            return await self._json(route, answer, request)
        visitor = await self._visitor(request)
        await self._check(route, request, visitor)
        if isinstance(answer, Page):
            given = {"path": request.path_params}
            return HTMLResponse(self._uses.page(request, answer.template, visitor, **given))
        entry = self._uses.entry
        where = entry if hasattr(entry, answer.method) else entry.passkeys
        own: Method = self._own.get(answer.method) or getattr(where, answer.method)
        return await own(request, visitor)

    async def _check(self, route: Route, request: Request, visitor: Visitor | None) -> None:
        _check_role(route, visitor)
        if visitor is not None and request.method in UNSAFE and route.may is not May.LOG_IN:
            given = request.headers.get(TOKEN_HEADER) or (await read_form(request)).get("token")
            _check_token(visitor, given or "")

    async def _json(self, route: Route, answer: Json, request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        if route.method not in UNSAFE:
            return await self._fetched(route, answer, request)
        if not await self._uses.visitors.is_ours(token):
            raise RefusedError(401, "Log in first.")
        given = request.headers.get(TOKEN_HEADER, "")
        news: list[int] = []

        def work(connection: sa.Connection) -> bytes:
            now_ms = time.time_ns() // 1_000_000
            visitor = visitor_of(connection, token, now_ms)
            _check_role(route, visitor)
            if visitor is None:
                raise RefusedError(401, "Log in first.")
            _check_token(visitor, given)
            body = _decoded(request.state.body, answer.takes)
            ask = Ask(connection, visitor, now_ms, request.path_params, body, news)
            return msgspec.json.encode(answer.handle(ask))

        found = await self._uses.visitors.change(work)
        self._uses.tell(tuple(news))
        self._uses.live.changed()
        return Response(found, media_type="application/json")

    async def _fetched(self, route: Route, answer: Json, request: Request) -> Response:
        visitor = await self._visitor(request)
        _check_role(route, visitor)
        if visitor is None:
            raise RefusedError(401, "Log in first.")
        now_ms, path = time.time_ns() // 1_000_000, request.path_params

        async def made() -> Any:
            work = lambda one: answer.handle(Ask(one, visitor, now_ms, path))  # noqa: E731
            return await self._uses.worker.run(lambda: self._uses.store.write(work))

        found = await (self._queues.get(visitor.teams, made) if answer.is_queue else made())
        if answer.is_queue:
            found = msgspec.structs.replace(found, now_ms=now_ms)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def _visitor(self, request: Request) -> Visitor | None:
        token = request.cookies.get(COOKIE, "")
        return await self._uses.visitors.find(token) if token else None

    async def _asset(self, request: Request, _visitor: Visitor | None) -> Response:
        name: str = request.path_params["name"]
        package = resources.files("nabij.centre.console")
        folders = [package / "assets", *(package / "libraries").iterdir()]
        kind = _TYPES.get(name.rpartition(".")[2])
        # Only what lies there by that very name: no path is ever made of what was asked.
        files = (one for folder in folders if folder.is_dir() for one in folder.iterdir())
        found = next((one for one in files if one.name == name), None)
        if found is None or kind is None:
            raise RefusedError(404, "There is nothing here.")
        return Response(found.read_bytes(), media_type=kind)

    async def _site_picture(self, request: Request, visitor: Visitor | None) -> Response:
        if visitor is None:
            raise RefusedError(401, "Log in first.")
        now_ms = time.time_ns() // 1_000_000
        read, path = self._uses.store.read, request.path_params
        media, content = await self._uses.worker.run(
            lambda: read(lambda one: place_answers.picture(Ask(one, visitor, now_ms, path)))
        )
        return Response(content, media_type=media)

    async def _openapi(self, _request: Request, _visitor: Visitor | None) -> Response:
        return Response(json.dumps(openapi.describe()), media_type="application/json")

    async def _health(self, _request: Request, _visitor: Visitor | None) -> Response:
        status = await self._uses.look()
        found = Health(
            level=status.fields()["level_name"],
            arrives=status.arrives,
            sentence=status.lines()[0],
            connected=status.connected,
            on_shift=status.on_shift,
            open_incidents=status.open_incidents,
            troubles=[*([status.disk] if status.disk else []), *status.troubles],
        )
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def _stream(self, request: Request, visitor: Visitor | None) -> Response:
        live = self._uses.live
        account_id = 0 if visitor is None else visitor.account.id
        if why := live.refusal(account_id):
            raise RefusedError(503, why)

        async def lasts() -> bool:
            return await self._visitor(request) is not None

        seen = request.headers.get("last-event-id", "")
        return StreamingResponse(
            live.stream(account_id, seen, lasts), media_type="text/event-stream"
        )


def _check_role(route: Route, visitor: Visitor | None) -> None:
    role = None if visitor is None else visitor.account.role
    if may(role, route.may):
        return
    if visitor is None:
        raise RefusedError(401, "Log in first.")
    raise RefusedError(403, f"Your role may not {route.may}.")


def _check_token(visitor: Visitor, given: str) -> None:
    if not has_form_token(visitor.token, given):
        raise RefusedError(403, "This page is of another log-in: load it again.")


def _decoded(body: bytes, model: type[Asked]) -> Asked:
    try:
        return msgspec.json.decode(body or b"{}", type=model)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(400, f"That cannot be: {error}.") from error


def _refusal(route: Route, error: Exception) -> Response:
    status, sentence = _status_of(error)
    is_page = not route.path.startswith(("/api/", "/login/"))
    if is_page and status == 401:
        return RedirectResponse("/login", status_code=303)
    if is_page:
        # Plain words: no markup of anybody's can be in them.
        return Response(sentence, status_code=status, media_type="text/plain")
    body = msgspec.json.encode(Refused(sentence))
    return Response(body, status_code=status, media_type="application/json")


def _status_of(error: Exception) -> tuple[int, str]:
    if isinstance(error, RefusedError):
        return error.status, error.sentence
    if isinstance(error, TooLongError):
        return 413, "The request is longer than any that is meant here."
    sentence = error.sentence if isinstance(error, NabijError) else str(error)
    if isinstance(error, TooLateError):
        return 408, "The request did not come whole: send it again."
    if isinstance(error, NotThereError):
        return 404, sentence
    if isinstance(error, WrongPasskeyError):
        return 403, sentence
    if isinstance(error, ActionRefusedError):
        return 409, sentence
    return (503 if isinstance(error, StoreError | BusyError) else 400), sentence
