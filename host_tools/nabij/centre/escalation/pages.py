"""The pages behind a link in a message: GET shows what will happen, POST does it. In the language
that the telephone prefers.

Programs that scan mail fetch each link, so nothing may come of a GET. The token in the address is
the permission; so nothing here is cached, framed, or told to another site.
"""

import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from nabij.centre import languages
from nabij.centre.escalation import answers, links
from nabij.centre.escalation.answers import Asked, NotOfferedError
from nabij.centre.escalation.links import LinkError
from nabij.centre.escalation.outbox import CANNOT, HELP, TAKE
from nabij.centre.escalation.runner import Uses
from nabij.centre.escalation.said import Said
from nabij.centre.incidents.handling import ActionRefusedError
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.words import alarm_words, duration, local_time
from nabij.centre.languages import Words
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


@dataclass(frozen=True)
class _Got:
    """A request by a link of ours, of that row, and the words of whoever made it."""

    request: Request
    row_id: int
    now_ms: int
    words: Words


class AnswerPages:
    """The routes; whoever serves them mounts them at the root of `Plan.link`."""

    def __init__(self, uses: Uses) -> None:
        self._uses = uses
        # Asked for once: what we did not sign must cost no turn of the database.
        self._secret = b""
        self._words = languages.all_words()

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
        self, request: Request, how: Callable[["_Got"], Awaitable[Response]]
    ) -> Response:
        now_ms = self._uses.clock.now().wall_ms
        language = languages.chosen("", request.headers.get("accept-language", ""))
        words = self._words[language]
        try:
            if not self._secret:
                self._secret = await self._ask(links.secret_of)
            link = links.read(self._secret, request.path_params["token"], now_ms)
            return await how(_Got(request, link.row_id, now_ms, words))
        except LinkError as error:
            return _page(words, words("This link is not good"), words(error.sentence), status=404)
        except ActionRefusedError as error:
            said = error.said if isinstance(error, NotOfferedError) else Said(error.sentence)
            return _page(words, words("That cannot be done"), said.in_words(words), status=409)
        except StoreError:
            sentence = words("The receiver cannot write this down just now: try again, or call.")
            return _page(words, words("Not done"), sentence, status=503)

    async def _shown(self, got: "_Got") -> Response:
        asked = await self._ask(lambda one: answers.look(one, got.row_id, got.now_ms))
        if asked is None:
            raise LinkError("There is no such link any more: call the alarm centre.")
        return _asked(asked, got)

    async def _done(self, got: "_Got") -> Response:
        what = got.request.path_params["what"]
        done = await self._ask(lambda one: answers.answer(one, got.row_id, what, got.now_ms))
        self._uses.tell(done.news)
        see = html.escape(got.words("See how it stands"))
        how = f'<p><a href="{_path(got.request)}">{see}</a></p>'
        return _page(got.words, got.words("Done"), done.words.in_words(got.words), how)

    async def _ask(self, work: Callable[[sa.Connection], Result]) -> Result:
        return await self._uses.worker.run(lambda: self._uses.store.write(work))


def _path(request: Request) -> str:
    """Of the page, for its links. What was signed by us has no mark-up, and is no other site."""
    return html.escape(f"/answer/{request.path_params['token']}")


def _asked(asked: Asked, got: _Got) -> Response:
    words, path = got.words, _path(got.request)
    what_it_does = {
        TAKE: words(
            "It is yours for {minutes} minutes: the others are not called meanwhile, "
            "and the wearer may be told that somebody has the alarm."
        ).format(minutes=asked.claim_min),
        HELP: words("The wearer may be told that help is coming."),
        CANNOT: words("The next in turn is called now."),
    }
    parts = [
        f'<form method="post" action="{path}/{one}"><p>{html.escape(what_it_does[one])}'
        f"</p><button>{html.escape(words(_BUTTONS[one]))}</button></form>"
        for one in asked.offers
    ]
    shown = f"{_incident(asked.incident, got)} {asked.words.in_words(words)}".strip()
    return _page(words, _title(asked.incident, words), shown, "".join(parts))


def _title(incident: Incident | None, words: Words) -> str:
    if incident is None:
        return words("DRILL: answer as you would an alarm")
    what = words("UNDER DURESS" if incident.duress else alarm_words(incident.kind))
    return f"{what}: {_who(incident, words)}"


def _who(incident: Incident, words: Words) -> str:
    return incident.wearer or words("Badge {badge}").format(badge=incident.badge)


def _incident(incident: Incident | None, got: _Got) -> str:
    if incident is None:
        return got.words("This is a drill.")
    if got.words.language == languages.ENGLISH:
        return incident.sentence(got.now_ms)
    ago_ms = max(0, got.now_ms - incident.raised_ms)
    given = {"time": local_time(incident.raised_ms), "ago": duration(ago_ms)}
    since = got.words("since {time}, {ago} ago").format(**given)
    return f"{_title(incident, got.words)}, {since}."


def _page(words: Words, title: str, sentence: str, more: str = "", status: int = 200) -> Response:
    content = (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}"
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/answer/answer.css"></head><body><main>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p>{more}</main></body></html>"
    )
    return HTMLResponse(content, status_code=status, headers=_HEADERS)
