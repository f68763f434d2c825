"""What every verb prints alike: its JSON, and sentences beside its output."""

import json
from typing import Any

import typer
from rich.console import Console

from nabij.version import this_version


def json_line(document: dict[str, Any]) -> str:
    """One JSON object on a line, which says which Nabij it comes from."""
    return json.dumps({"nabij": this_version().name, **document}, allow_nan=False)


def print_json(document: dict[str, Any]) -> None:
    """Print such a line."""
    typer.echo(json_line(document))


def tell(text: str, style: str | None = None) -> None:
    """Print a sentence on standard error."""
    console = Console(stderr=True, soft_wrap=True)
    console.print(text, style=style, markup=False, highlight=False)
