"""Designs that are wrong in one place, and the KiCad that the tests use."""

import functools
import os
import re
from pathlib import Path

import pytest

from nabij.electronics import kicad, pod, project
from nabij.electronics.kicad import Kicad
from nabij.electronics.pod import Design
from nabij.hardware import boards
from nabij.hardware.board_parts import Board

TEXT = (pod.FOLDER / "pod.toml").read_text(encoding="utf-8")
BOARD = "t_sim7080g_s3"
BOARD_TEXT = (boards.DEFINITIONS / f"{BOARD}.toml").read_text(encoding="utf-8")


def replaced(text: str, pattern: str, replacement: str) -> str:
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, f"{pattern} is not in the text"
    return changed


def design(pattern: str = "^", replacement: str = "") -> Design:
    """The pod, with one place of its text changed."""
    return pod.read(replaced(TEXT, pattern, replacement), "pod.toml")


def rewired(pattern: str, replacement: str) -> Board:
    """The reference board, with one place of its text changed."""
    return boards.parse(BOARD, replaced(BOARD_TEXT, pattern, replacement))


@functools.cache
def files() -> dict[str, str]:
    """The files of the unchanged pod; laying its tracks takes a second or two."""
    return project.built(design())


def kicad_or_skip(home: Path) -> Kicad:
    """A KiCad; where it is missing the test skips, on CI it fails."""
    found = kicad.find(home)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{kicad.MISSING} CI has to have it.")
        pytest.skip(kicad.MISSING)
    return found
