"""What every verb prints alike: its JSON, and sentences beside its output."""

import contextlib
import datetime as dt
import json
import shlex
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from nabij.version import this_version

if TYPE_CHECKING:
    from nabij.replay.html import Made


def json_line(document: dict[str, Any]) -> str:
    """One JSON object on a line, which says which Nabij it comes from."""
    return json.dumps({"nabij": this_version().name, **document}, allow_nan=False)


def print_json(document: dict[str, Any]) -> None:
    """Print such a line."""
    typer.echo(json_line(document))


def counted(number: int, one: str, more: str = "") -> str:
    """A number with its word: 1 badge, 2 badges; `more` for a plural that is not made by an s."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def made(verb: str, bundles: Sequence[Path], options: Mapping[str, str | None]) -> "Made":
    """How a report comes to be, now; without places of this machine."""
    from nabij.replay.html import Made

    words = ["nabij", *verb.split(), *(one.resolve().name for one in bundles)]
    for name, value in options.items():
        words += [name, value] if value is not None else []
    now = dt.datetime.now().astimezone()
    return Made(shlex.join(words), now.strftime("%Y-%m-%d %H:%M %Z"), this_version().name)


@contextlib.contextmanager
def waiting(text: str, every_s: float = 30.0) -> Iterator[None]:
    """Say on standard error that something takes long: a spinner, or a line now and then."""
    console = Console(emoji=False, stderr=True)
    if console.is_terminal:
        with console.status(text):
            yield
        return
    done = threading.Event()

    def remind() -> None:
        waited_s = 0.0
        while not done.wait(every_s):
            waited_s += every_s
            tell(f"Still {text}: {waited_s:g} s so far.")

    tell(f"{text[0].upper()}{text[1:]}.")
    threading.Thread(target=remind, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def tell(text: str, style: str | None = None) -> None:
    """Print a sentence on standard error."""
    console = Console(emoji=False, stderr=True, soft_wrap=True)
    console.print(text, style=style, markup=False, highlight=False)
