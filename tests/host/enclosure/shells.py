"""The pod's measures with one place changed."""

import re

from nabij.enclosure import measures
from nabij.enclosure.measures import Measures

TEXT = (measures.FOLDER / "pod.toml").read_text(encoding="utf-8")


def shell(pattern: str = "^", replacement: str = "") -> Measures:
    """The pod, with one place of its text changed."""
    text, count = re.subn(pattern, replacement, TEXT, count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in the measures"
    return measures.read(text, "pod.toml")
