"""The pages behind a link in a message: GET shows what will happen, POST does it.

Programs that scan mail fetch each link, so nothing may come of a GET. The token in the address is
the permission; so nothing here is cached, framed, or told to another site.
"""

import html
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from nabij.centre.escalation import answers, links, words
from nabij.centre.escalation.answers import Asked
from nabij.centre.escalation.links import LinkError
from nabij.centre.escalation.outbox import CANNOT, HELP, TAKE
from nabij.centre.escalation.runner import Uses
from nabij.centre.incidents.handling import ActionRefusedError
from nabij.centre.store import StoreError

Result = TypeVar("Result")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_BUTTONS: Final = {
    TAKE: "I take it",
    HELP: "Help is coming",
    CANNOT: "I cannot come",
}
_STYLE: Final = """
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 36rem; padding: 1rem; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3.5rem; margin: .4rem 0; }
"""


class AnswerPages:
    """The routes; whoever serves them mounts them at the root of `Plan.link`."""

    def __init__(self, uses: Uses) -> None:
        self._uses = uses
        # Asked for once: what we did not sign must cost no turn of the database.
        self._secret = b""

    def routes(self) -> list[Route]:
        """What a Starlette application has to have."""
        return [
            Route("/answer/answer.css", self._style, methods=["GET"]),
            Route("/answer/{token}", self._show, methods=["GET"]),
            Route("/answer/{token}/{what}", self._do, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        return await self._answered(request, self._shown)

    async def _do(self, request: Request) -> Response:
        return await self._answered(request, self._done)

    async def _style(self, _request: Request) -> Response:
        return Response(_STYLE, media_type="text/css", headers=_HEADERS)

    async def _answered(
        self, request: Request, how: Callable[[Request, int, int], Awaitable[Response]]
    ) -> Response:
        now_ms = self._uses.clock.now().wall_ms
        try:
            if not self._secret:
                self._secret = await self._ask(links.secret_of)
            link = links.read(self._secret, request.path_params["token"], now_ms)
            return await how(request, link.row_id, now_ms)
        except LinkError as error:
            return _page("This link is not good", error.sentence, status=404)
        except ActionRefusedError as error:
            return _page("That cannot be done", error.sentence, status=409)
        except StoreError:
            sentence = "The receiver cannot write this down just now: try again, or call."
            return _page("Not done", sentence, status=503)

    async def _shown(self, request: Request, row_id: int, now_ms: int) -> Response:
        asked = await self._ask(lambda one: answers.look(one, row_id, now_ms))
        if asked is None:
            raise LinkError("There is no such link any more: call the alarm centre.")
        return _asked(asked, _path(request), now_ms)

    async def _done(self, request: Request, row_id: int, now_ms: int) -> Response:
        what = request.path_params["what"]
        done = await self._ask(lambda one: answers.answer(one, row_id, what, now_ms))
        self._uses.tell(done.news)
        how = f'<p><a href="{_path(request)}">See how it stands</a></p>'
        return _page("Done", done.words, how)

    async def _ask(self, work: Callable[[sa.Connection], Result]) -> Result:
        return await self._uses.worker.run(lambda: self._uses.store.write(work))


def _path(request: Request) -> str:
    """Of the page, for its links. What was signed by us has no mark-up, and is no other site."""
    return html.escape(f"/answer/{request.path_params['token']}")


def _asked(asked: Asked, path: str, now_ms: int) -> Response:
    incident = asked.incident
    shown = "This is a drill." if incident is None else incident.sentence(now_ms)
    what_it_does = {
        TAKE: f"It is yours for {asked.claim_min} minutes: the others are not called meanwhile, "
        "and the wearer may be told that somebody has the alarm.",
        HELP: "The wearer may be told that help is coming.",
        CANNOT: "The next in turn is called now.",
    }
    parts = [
        f'<form method="post" action="{path}/{one}"><p>{html.escape(what_it_does[one])}'
        f"</p><button>{html.escape(_BUTTONS[one])}</button></form>"
        for one in asked.offers
    ]
    return _page(words.title(incident), f"{shown} {asked.words}".strip(), "".join(parts))


def _page(title: str, sentence: str, more: str = "", status: int = 200) -> Response:
    content = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/answer/answer.css"></head><body><main>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p>{more}</main></body></html>"
    )
    return HTMLResponse(content, status_code=status, headers=_HEADERS)
