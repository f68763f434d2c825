"""Bodies of requests, which end somewhere, and pages made from templates."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request

from nabij.centre import languages
from nabij.centre.console.asking import Visitor
from nabij.centre.console.guard import form_token
from nabij.centre.people.roles import May

# So long a body may take.
BODY_S: Final = 20.0
_MOST_FIELDS: Final = 20


class TooLateError(Exception):
    """A body that does not come whole."""


class TooLongError(Exception):
    """The body is longer than any that we ask for."""


class Rendered(Protocol):
    """Makes a page of a template for a visitor, in the language of the request."""

    def __call__(
        self, request: Request, template: str, visitor: Visitor | None, **given: Any
    ) -> str: ...


async def read_body(request: Request, most: int) -> bytes:
    """The body of at most so many bytes; TooLongError as soon as that is known, TooLateError."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most:
        raise TooLongError
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise TooLongError
    except TimeoutError as error:
        raise TooLateError from error
    return body


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form; what is no form has none."""
    body: bytes = request.state.body
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return dict(pairs)


def pages() -> Rendered:
    """All templates; what they name and nobody gives is an error."""
    environment = Environment(
        loader=PackageLoader("nabij.centre.console"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
    )

    words = languages.all_words()

    def page(request: Request, template: str, visitor: Visitor | None, **given: Any) -> str:
        preferred = request.headers.get("accept-language", "")
        chosen = languages.chosen(request.cookies.get(languages.COOKIE, ""), preferred)
        may = {} if visitor is None else {one.name.lower(): visitor.may(one) for one in May}
        every = {
            "visitor": None if visitor is None else visitor.account,
            "form_token": "" if visitor is None else form_token(visitor.token),
            "may": may,
            "language": chosen,
            "_": words[chosen],
            "words": words[chosen].as_json,
            "error": "",
            "login": "",
        }
        return environment.get_template(template).render(**{**every, **given})

    return page
