"""One incident for somebody outside: by a link, without a log-in; and its signed file.

The token in the address is the permission. So nothing here is cached, framed or told to another
site, no cookie is set, and no answer says whether an incident exists.
"""

import base64
import hashlib
import ipaddress
import re
import time
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from nabij.centre import languages
from nabij.centre.console import details, incident_file
from nabij.centre.console.asking import NotThereError, Visitor
from nabij.centre.console.incident_file import Shown
from nabij.centre.console.visitors import Visitors
from nabij.centre.database import kept_secrets
from nabij.centre.incidents import links, signed_file, traces
from nabij.centre.incidents.links import Link
from nabij.centre.incidents.words import local_time
from nabij.centre.languages import Words
from nabij.errors import UsageError

TOOK_FILE: Final = "took the file of an incident"
_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_MEDIA: Final = {signed_file.HTML: "text/html", signed_file.JSON: "application/json"}


@dataclass(frozen=True)
class Found:
    """What a token led to: a link of ours, and the document when it is good."""

    link: Link
    document: dict[str, Any] | None


class Shared:
    """Answers of the console about one incident; `visitors` is how it asks the database."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self._words = languages.all_words()
        self._page = incident_file.renderer()
        environment = Environment(
            loader=PackageLoader("nabij.centre.console"), autoescape=select_autoescape()
        )
        self._end = environment.get_template("incident_link.html")

    async def shared_incident(self, request: Request, _visitor: Visitor | None) -> Response:
        """The incident of a link, while that is good; else a sentence."""
        token, words = request.path_params["token"], self._words_of(request)
        now_ms, address = _now_ms(), address_of(request)
        found = None
        # What somebody made up costs the database no turn.
        if await self._visitors.is_ours(token):
            found = await self._visitors.change(lambda one: _find(one, token, address, now_ms))
        if found is None:
            sentence = words("This is no link of this receiver: use it whole, as it was sent.")
            return self._sentence(words, sentence, 404)
        if found.document is None:
            return self._sentence(words, _ended(found.link, words), 410)
        until = local_time(found.link.until_ms, found.document["incident"]["zone"])
        return _answer(self._page(found.document, Shown(words, until)), 200)

    async def incident_key(self, _request: Request, _visitor: Visitor | None) -> Response:
        """The public key by which anybody checks a file."""
        seed = await self._visitors.change(
            lambda one: kept_secrets.get(one, kept_secrets.INCIDENTS)
        )
        return Response(signed_file.pem_of(seed), media_type="application/x-pem-file")

    async def incident_file(self, request: Request, visitor: Visitor | None) -> Response:
        """The signed file about an incident that one may see."""
        kind = request.path_params["kind"]
        if visitor is None or kind not in _MEDIA:
            raise NotThereError("There is no such file: ask for html or json.")
        number = request.path_params["incident"]
        incident_id = (
            int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
        )
        words, now_ms = self._words_of(request), _now_ms()

        def read(connection: sa.Connection) -> tuple[dict[str, Any], bytes]:
            if details.build(connection, incident_id, visitor.sees, now_ms) is None:
                raise NotThereError(
                    f"There is no incident {number[:20]}: look at the queue again."
                )
            return taken(connection, incident_id, visitor.account.name, now_ms)

        found, seed = await self._visitors.change(read)
        files = incident_file.files(found, self._page, words, seed)
        name = f"incident-{incident_id}.{kind}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(files[name], media_type=_MEDIA[kind], headers=headers)

    def _words_of(self, request: Request) -> Words:
        preferred = request.headers.get("accept-language", "")
        kept = request.cookies.get(languages.COOKIE, "")
        return self._words[languages.chosen(kept, preferred)]

    def _sentence(self, words: Words, sentence: str, status: int) -> Response:
        given = {"_": words, "language": words.language, "sentence": sentence}
        return _answer(self._end.render(**given), status)


def document(connection: sa.Connection, incident_id: int, now_ms: int) -> dict[str, Any]:
    """Everything about an incident; UsageError when there is none of that number."""
    found = incident_file.document(connection, incident_id, now_ms)
    if found is None:
        raise UsageError(
            f"There is no incident {incident_id}: "
            "`nabij incident list --all` shows those that there are."
        )
    return found


def taken(
    connection: sa.Connection, incident_id: int, by: str, now_ms: int
) -> tuple[dict[str, Any], bytes]:
    """The document for a file, and what signs it; that it was taken stands in the audit."""
    document(connection, incident_id, now_ms)
    traces.keep(connection, incident_id, now_ms, by, TOOK_FILE)
    found = document(connection, incident_id, now_ms)
    return found, kept_secrets.get(connection, kept_secrets.INCIDENTS)


def address_of(request: Request) -> str:
    """From where it was asked; by a web server of this machine as that says it."""
    host = "" if request.client is None else request.client.host
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        is_near = ipaddress.ip_address(host).is_loopback
        return f"{ipaddress.ip_address(said)} by way of {host}" if is_near and said else host
    except ValueError:
        return host


def _find(connection: sa.Connection, token: str, address: str, now_ms: int) -> Found | None:
    link = links.find(connection, token)
    if link is None:
        return None
    links.note_use(connection, link, address, now_ms)
    if not link.is_good(now_ms):
        return Found(link, None)
    return Found(link, incident_file.document(connection, link.incident_id, now_ms))


def _ended(link: Link, words: Words) -> str:
    if link.revoked_ms is not None:
        sentence = words("This link was revoked at {time}: ask whoever sent it for another one.")
        return sentence.format(time=local_time(link.revoked_ms))
    sentence = words("This link ended at {time}: ask whoever sent it for another one.")
    return sentence.format(time=local_time(link.until_ms))


def _answer(page: str, status: int) -> Response:
    found = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    style = b"" if found is None else hashlib.sha256(found[1].encode()).digest()
    headers = {
        "content-security-policy": _POLICY.format(style=base64.b64encode(style).decode()),
        # The address itself is the secret.
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
    }
    return HTMLResponse(page, status_code=status, headers=headers)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
