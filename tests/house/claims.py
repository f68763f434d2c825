"""Sentences that claim what only a laboratory can say, in pages, hardware and printed texts."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.places import REPO

TABLE: Final = "tests/house/claims.toml"
# What only a laboratory or an authority may say of a product.
CLAIM: Final = re.compile(
    r"\b(certified|compl(?:y|ies|iant) with|water-?proof|splash-?proof|intrinsically safe"
    r"|(?:type|ATEX)[- ]approved|IP ?[0-6][0-9])\b",
    re.IGNORECASE,
)
DENIAL: Final = re.compile(r"\b(not|no|none|nobody|never|nothing|without)\b", re.IGNORECASE)
_FOLDERS: Final = ("docs", "hardware", "host_tools", "firmware", "sim")
_PAGES: Final = (".md", ".toml", ".cddl", ".csv", ".svg")
_END: Final = re.compile(r"(?<=[.!?|])\s+|\n\s*\n|\n(?=\s*[#-])")


def listed() -> list[str]:
    """The sentences that may hold such a word."""
    return list(tomllib.loads(Path(REPO / TABLE).read_text(encoding="utf-8"))["sentences"])


def claims(text: str) -> list[str]:
    """The sentences of a text that hold such a word, each on one line without markup."""
    plain = re.sub(r"[*_`]", "", text)
    parts = (re.sub(r"[>|#\s]+", " ", part).strip() for part in _END.split(plain))
    return [part for part in parts if CLAIM.search(part)]


def made(root: Path = REPO) -> Iterator[tuple[str, str]]:
    """(file, sentence) for each such sentence that somebody may read."""
    for path in _files(root):
        text = path.read_text(encoding="utf-8")
        for part in _texts(text) if path.suffix == ".py" else [text]:
            for sentence in claims(part):
                yield path.relative_to(root).as_posix(), sentence


def _files(root: Path) -> list[Path]:
    inside = [path for folder in _FOLDERS for path in sorted((root / folder).rglob("*"))]
    readable = [path for path in inside if path.suffix in {*_PAGES, ".py"}]
    return sorted(root.glob("*.md")) + readable


def _texts(source: str) -> list[str]:
    # The whole of an f-string: a claim must not hide behind a value in its middle.
    texts = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            known = (part.value for part in node.values if isinstance(part, ast.Constant))
            texts.append(" ".join(str(part) for part in known))
    return texts
