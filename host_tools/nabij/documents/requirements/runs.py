"""Asks pytest which tests carry a requirement, runs them, and reads reports of runs."""

import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nabij.documents.requirements.marks_plugin import OPTION
from nabij.documents.requirements.model import Result, weightiest
from nabij.errors import NabijError, UsageError

# The long forms of tests take hours; `make soak` is for them.
SELECTION: Final = "requirement and not soak"
WORKERS: Final = 2

_FAILED: Final = frozenset({1})
_ALL_WELL: Final = frozenset({0})
_NO_TESTS: Final = 5


def collect(root: Path) -> dict[str, list[str]]:
    """Node id -> requirement ids, of every marked test; NabijError when pytest cannot collect."""
    if not (root / "tests").is_dir():
        raise UsageError(
            f"{root} has no tests: run nabij trace from a clone of the repository, "
            "or name one with --root."
        )
    with tempfile.TemporaryDirectory(prefix="nabij-trace-") as folder:
        file = Path(folder) / "marks.json"
        arguments = ["--collect-only", "-q", "-m", "requirement", OPTION, str(file)]
        done = _pytest(
            root, ["-p", "nabij.documents.requirements.marks_plugin", *arguments], quiet=True
        )
        if done.returncode not in _ALL_WELL | {_NO_TESTS} or not file.is_file():
            raise NabijError(
                f"The tests cannot be collected ({_first_error(done)}): "
                "run pytest --collect-only and mend that."
            )
        marked: dict[str, list[str]] = json.loads(file.read_text())
    return marked


def run(root: Path, report: Path, *, quiet: bool) -> None:
    """Run every marked test and leave a JUnit report; failed tests are no error here."""
    report.parent.mkdir(parents=True, exist_ok=True)
    workers = ["-n", str(WORKERS), "--dist", "worksteal"]
    done = _pytest(root, [*workers, "-m", SELECTION, f"--junitxml={report}"], quiet=quiet)
    if done.returncode not in _ALL_WELL | _FAILED:
        raise NabijError(f"pytest ended with exit code {done.returncode}: run it by hand to see.")


def results(reports: Iterable[Path], nodes: Iterable[str]) -> dict[str, Result]:
    """Node id -> outcome of the tests that the JUnit reports know."""
    found: dict[tuple[str, str], list[Result]] = {}
    for report in reports:
        for case in _cases(report):
            key = (case.get("classname", ""), case.get("name", ""))
            found.setdefault(key, []).append(_outcome(case))
    return {node: weightiest(found[key]) for node in nodes if (key := _junit_name(node)) in found}


def _pytest(root: Path, arguments: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=root,
        check=False,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )


def _first_error(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stdout.splitlines()
    what = next((line[1:].strip() for line in lines if line.startswith("E  ")), "")
    file = next((line.split()[1] for line in lines if line.startswith("ERROR ")), "")
    return ", ".join(filter(None, (file, what))) or f"exit code {done.returncode}"


def _cases(report: Path) -> Iterable[ET.Element]:
    try:
        tree = ET.parse(report)  # noqa: S314 - a report of our own pytest
    except OSError as error:
        raise UsageError(
            f"Cannot read {report} ({error.strerror}): make it with pytest --junitxml={report}."
        ) from error
    except ET.ParseError as error:
        raise UsageError(f"{report} is not a JUnit report ({error}): make it anew.") from error
    return tree.iter("testcase")


def _outcome(case: ET.Element) -> Result:
    children = {child.tag for child in case}
    if children & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in children else "passed"


def _junit_name(node: str) -> tuple[str, str]:
    """The (classname, name) under which pytest puts a node id into a JUnit report."""
    place, bracket, parameters = node.partition("[")
    file, *inner = place.split("::")
    names = [file.removesuffix(".py").replace("/", "."), *inner]
    return ".".join(names[:-1]), names[-1] + bracket + parameters
