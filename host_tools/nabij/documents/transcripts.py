"""Transcripts in the pages of `docs/`: what was typed after `$ `, and what was answered.

A run is compared with its transcript once both are normalised: numbers, times, ids and paths
differ from run to run, and words do not. What names one thing, as a port or an incident, differs
from run to run too but not within one: Names tells by it whether a page is of one run.
"""

import re
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Final

_FENCE: Final = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RULES: Final = (
    # Of a path, a port or a file the last part may say what it is; nothing else of it lasts.
    (re.compile(r"(?<![\w/])(?:[\w.-]*/)+[\w.-]+"), "PATH"),
    (re.compile(r"\bbadge-port\b"), "PATH"),
    # Hexadecimal numbers: serial numbers, hashes, addresses of a network card.
    (re.compile(r"\b(?=[0-9a-f:]*\d)[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b"), "ID"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b"), "ID"),
    # On a slow machine another unit.
    (re.compile(r"\b[\d.]+ (?:s|min|h|d)(?: \d+ (?:s|min|h))? ago\b"), "AGE ago"),
    (re.compile(r"(?<![\w.])[+-]?\d+(?:[.:]\d+)*"), "N"),
    (re.compile(r"N(?:-N)+"), "N"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" *\n *"), "\n"),
)
# Numbers that name one thing: the group that follows the words is its name.
_NAMES: Final = (
    ("PORT", re.compile(r"(?<=localhost:)\d+\b|(?<=[Pp]ort )\d+\b")),
    ("INCIDENT", re.compile(r"(?<=[Ii]ncident )\d+\b")),
    ("IMAGE", re.compile(r"(?<=[ /])[\w-]+-v\d+\.\d+\.\d+\.bin\b")),
    ("DIGEST", re.compile(r"(?<=SHA-256 )[0-9a-f]{12}")),
    ("CHIP", re.compile(r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b")),
    ("SERIAL", re.compile(r"(?<=serial number )[0-9a-f]{12}\b|(?<= )[0-9a-f]{12}(?=  )")),
    ("BADGE", re.compile(r"\bnb-\d+\b")),
    ("BUILD", re.compile(r"(?<=build )\d+|(?<=build=)\d+")),
    ("BOOT", re.compile(r"(?<=^boot )\d+", re.MULTILINE)),
    ("MICROPYTHON", re.compile(r"(?<=MicroPython )\d+\.\d+\.\d+")),
    ("VERSION", re.compile(r"(?<=Application )\d+\.\d+\.\d+|(?<=version=)\d+\.\d+\.\d+")),
)
# There is one of each: a second one is of another run.
SINGLE: Final = ("PORT", "INCIDENT", "IMAGE", "DIGEST", "CHIP", "SERIAL", "MICROPYTHON", "VERSION")


class Names:
    """The things that a run named so far; a thing has the same name all along."""

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {kind: [] for kind, _ in _NAMES}

    def put(self, text: str) -> str:
        """The text with what it names as the first, second, .. of its kind."""
        for kind, pattern in _NAMES:
            text = pattern.sub(partial(self._name, self.of[kind], kind), text)
        return text

    @staticmethod
    def _name(known: list[str], kind: str, found: re.Match[str]) -> str:
        if found[0] not in known:
            known.append(found[0])
        # In letters: numbers are normalised away.
        return f"{kind}_{ascii_uppercase[known.index(found[0])]}"


@dataclass(frozen=True)
class Step:
    """One command of a page, without its `$ `, and the lines that it printed."""

    command: str
    output: str


def steps(page: str) -> list[Step]:
    """All commands of a page with their answers, in order."""
    found = []
    for fence in _FENCE.finditer(page):
        for part in re.split(r"^\$ ", fence[1], flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append(Step(command, output))
    return found


def normalised(text: str) -> str:
    """The text with everything that differs from run to run under one name each."""
    for pattern, name in _RULES:
        text = pattern.sub(name, text)
    return text.strip()


def replaced(page: str, command: str, output: str) -> str:
    """The page with another answer to a command that it has once."""
    asked = f"$ {command}\n"
    before, found, after = page.partition(asked)
    if not found or asked in after:
        raise ValueError(f"The page must have `{command}` once.")
    ends = re.search(r"^(?:\$ |```)", after, re.MULTILINE)
    rest = after[ends.start() :] if ends else ""
    return before + asked + output.rstrip("\n") + "\n" + rest
