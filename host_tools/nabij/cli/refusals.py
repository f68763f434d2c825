"""What is wrong with a value on the command line, in our words in place of a library's."""

from typing import Any, Final

import typer

_NO_NUMBER: Final = {"float_parsing": "a number", "float_type": "a number"} | dict.fromkeys(
    ("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "a whole number"
)
_LIMITS: Final = {
    "less_than_equal": ("le", "{limit} at most"),
    "less_than": ("lt", "below {limit}"),
    "greater_than_equal": ("ge", "{limit} at least"),
    "greater_than": ("gt", "above {limit}"),
}


def in_plain_words(error: typer.BadParameter) -> None:
    """Say in one sentence what was given and what may be, where pydantic refused it."""
    cause: Any = error.__cause__
    if not hasattr(cause, "errors"):
        return
    first = cause.errors()[0]
    kind, given = first["type"], first["input"]
    if kind in _NO_NUMBER:
        error.message = f"'{given}' is not {_NO_NUMBER[kind]}."
    elif kind in _LIMITS:
        key, words = _LIMITS[kind]
        limit = f"{first['ctx'][key]:g}"
        error.message = f"It is {given}: give {words.format(limit=limit)}."
