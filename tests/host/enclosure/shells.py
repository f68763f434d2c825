"""The measures of a shell with one place changed."""

import re

from nabij.enclosure import measures
from nabij.enclosure.measures import Measures

POD, CARD = "pod", "card"
TEXT = (measures.FOLDER / f"{POD}.toml").read_text(encoding="utf-8")


def shell(pattern: str = "^", replacement: str = "", *, name: str = POD) -> Measures:
    """The pod, or another shell, with one place of its text changed."""
    text = (measures.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    text, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in the measures"
    return measures.read(text, f"{name}.toml")
