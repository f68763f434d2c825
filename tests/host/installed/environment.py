"""A wheel of this working copy, and environments with it and what it declares, made offline.

pip installs the wheel. Of what the wheel declares, the closure is worked out as pip does, from the
metadata, and each distribution in it is linked from this environment: whatever is not declared is
not there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import REPO

_SCRIPT = "#!{python}\nimport sys\nfrom {module} import {top}\nsys.exit({call}())\n"


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a clone, with what git would commit here now."""
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", "--shared", REPO, source], check=True)
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.check_output(git, cwd=REPO, text=True).split("\0"):
        if name and (REPO / name).is_file():
            copy = source / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPO / name, copy)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("nabij-*.whl")
    return wheel


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)


@dataclass(frozen=True)
class Environment:
    """An environment outside the clone, in which commands run without a trace of this one."""

    folder: Path

    def run(self, *arguments: str | Path, **others: str) -> subprocess.CompletedProcess[str]:
        """`nabij` with these arguments; `others` are variables."""
        return self._run(self.command(*arguments), others)

    def run_python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Some code of Python."""
        return self._run([str(self.folder / "bin" / "python"), "-c", code], {})

    def _run(
        self, command: list[str], others: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.variables, **others},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self, *arguments: str | Path) -> list[str]:
        return [str(self.folder / "bin" / "nabij"), *map(str, arguments)]

    @property
    def variables(self) -> dict[str, str]:
        """Nothing of the caller's: no PYTHONPATH, and of PATH only what systems have."""
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "COLUMNS": "80"}


def make(folder: Path, wheel: Path, extras: str = "") -> Environment:
    """An environment as `pip install 'nabij[extras]'` leaves it."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    pip("--python", python, "install", "--no-deps", "--no-index", "--no-compile", wheel)
    (installed,) = metadata.distributions(path=[str(packages)], name="nabij")
    for name in sorted(_closure(installed, extras)):
        _link(metadata.distribution(name), packages, python)
    return Environment(folder)


def _closure(nabij: metadata.Distribution, extras: str) -> set[str]:
    """Names of all distributions that are needed; each `a[x]` counts with its extra."""
    done: set[tuple[str, str]] = set()
    waiting = [(nabij, extra) for extra in ("", *filter(None, extras.split(",")))]
    names: set[str] = set()
    while waiting:
        one, extra = waiting.pop()
        for requirement in _requirements(one, extra):
            name = canonicalize_name(requirement.name)
            for wanted in ("", *sorted(requirement.extras)):
                if (name, wanted) not in done:
                    done.add((name, wanted))
                    waiting.append((metadata.distribution(name), wanted))
            names.add(name)
    return names - {"nabij"}


def _requirements(one: metadata.Distribution, extra: str) -> Iterator[Requirement]:
    for text in one.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield requirement


def _link(one: metadata.Distribution, packages: Path, python: Path) -> None:
    for file in one.files or ():
        source = Path(str(one.locate_file(file)))
        if file.parts[0] == "..":
            target = python.parent / source.name
            if source.parent.name == "bin" and not source.read_bytes().startswith(b"#!"):
                target.symlink_to(source.resolve())
        elif source.is_file():
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())
    for entry in one.entry_points.select(group="console_scripts"):
        script = python.parent / entry.name
        script.write_text(
            _SCRIPT.format(
                python=python,
                module=entry.module,
                top=entry.attr.split(".")[0],
                call=entry.attr,
            )
        )
        script.chmod(0o755)
