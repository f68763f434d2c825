"""Source files as the rules of the house read them: a place, a text, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.places import REPO

# Where packages begin: firmware/badge/x.py is badge.x, tests/x.py is tests.x.
_ROOTS: Final = ("firmware/", "host_tools/")
# Their texts are made-up sources that break the rules.
BREACHES: Final = ("tests/house/breaches.py", "tests/house/test_rules.py")
FOLDERS: Final = ("firmware", "host_tools", "sim", "tests")


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the repository, with slashes."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """Its full dotted name; a package has the name of its folder."""
        path = self.path
        for root in _ROOTS:
            path = path.removeprefix(root)
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of its syntax tree."""
        return tuple(ast.walk(ast.parse(self.text, self.path)))

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Every module that it imports, also inside functions, as full dotted names."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                if node.module != "badge":
                    yield node.module
                # `from badge import boards` reaches the package as `import badge.boards` does.
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def below(self, *folders: str) -> bool:
        """Whether it lies in one of these folders."""
        return any(self.path.startswith(f"{folder}/") for folder in folders)


class Sources:
    """A tree of source files."""

    def __init__(self, files: Iterable[Source]) -> None:
        self._files = tuple(files)

    @classmethod
    def read(cls, root: Path = REPO) -> Sources:
        """All Python files of the project."""
        paths = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
        assert paths, f"no sources below {root}"
        return cls(
            Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
            for path in paths
        )

    @classmethod
    def made_up(cls, files: Mapping[str, str]) -> Sources:
        """A small tree, as a test of a rule needs it."""
        return cls(Source(path, text) for path, text in files.items())

    def below(self, *folders: str) -> list[Source]:
        """The files in these folders; all of them without one."""
        return [file for file in self._files if not folders or file.below(*folders)]

    def at(self, path: str) -> Source:
        """The file at this place; KeyError without one."""
        return self._places[path]

    @cached_property
    def _places(self) -> dict[str, Source]:
        return {file.path: file for file in self._files}

    @cached_property
    def modules(self) -> dict[str, Source]:
        """The files by their dotted name."""
        return {file.module: file for file in self._files}

    def imported_by(self, file: Source) -> set[str]:
        """The project's own modules that this file imports."""
        return {name for name in file.imports if name in self.modules}

    def __iter__(self) -> Iterator[Source]:
        return iter(self._files)


def reaches(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of these packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)
