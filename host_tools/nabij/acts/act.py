"""An act: what it asks a badge, one request at a time; a cable or the link carries each."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

Fields = dict[str, Any]
Result = TypeVar("Result")
# How long a badge may take over a request.
ANSWER_S: Final = 5.0


@dataclass(frozen=True)
class Request:
    """A verb of docs/usb.md with its fields; `data` is the piece of a file that it brings."""

    verb: str
    fields: Fields = field(default_factory=dict)
    data: bytes | None = None
    timeout_s: float = ANSWER_S


# Gives requests, gets the answers, and comes to its result; what a carrier raises ends it.
Act = Generator[Request, Fields, Result]


def carried(act: Act[Result], ask: Callable[[Request], Fields]) -> Result:
    """What comes of an act when `ask` carries its requests."""
    try:
        request = next(act)
        while True:
            request = act.send(ask(request))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        act.close()


async def carried_by(act: Act[Result], ask: Callable[[Request], Awaitable[Fields]]) -> Result:
    """The same where carrying is waited for."""
    try:
        request = next(act)
        while True:
            request = act.send(await ask(request))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        act.close()
