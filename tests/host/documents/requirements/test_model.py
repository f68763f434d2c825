"""The requirement trace: what is claimed is shown by tests, and a gap is told."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nabij.cli.app import app
from nabij.documents.requirements import page, runs
from nabij.documents.requirements.model import Requirement, load, rows
from nabij.errors import NabijError
from tests.places import REPO

DATA = """
    [R01]
    text = "Shown"
    limit = "<= 1 s"
    source = "a source"
    software = "yes"
    met = "yes"

    [R02]
    text = "Shown in part"
    limit = "-"
    source = "a source"
    software = "part"
    met = "part"
    why = "No voice."

    [R03]
    text = "Beyond software"
    limit = "-"
    source = "a source"
    software = "no"
    met = "no"
    why = "A licence."
"""
TESTS = """
    import pytest

    class TestOne:
        @pytest.mark.requirement("R01")
        @pytest.mark.parametrize("words", ["a/b.c", "x [y]"])
        def test_shown(self, words):
            assert words

    @pytest.mark.requirement("R01")
    @pytest.mark.requirement("R02")
    def test_both():
        assert True

    def test_without_a_mark():
        raise AssertionError("is not run")
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small repository: three requirements, three tests."""
    for file, text in (
        ("docs/requirements.toml", DATA),
        ("tests/test_small.py", TESTS),
        (
            "pytest.ini",
            "[pytest]\naddopts = --strict-markers\nmarkers = requirement(id): x\n soak: y",
        ),
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(textwrap.dedent(text))
    return tmp_path


def trace(clone: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["trace", "--root", str(clone), *arguments])


def answer(clone: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = trace(clone, "--json", *arguments)
    assert done.exit_code in {0, 1}, done.stderr
    found = json.loads(done.stdout)
    return done.exit_code, {row["id"]: row for row in found["requirements"]} | found


def replace(clone: Path, file: str, old: str, new: str) -> None:
    text = (clone / file).read_text()
    assert old in text
    (clone / file).write_text(text.replace(old, new))


def test_run_shows_each_requirement_with_its_tests_and_results(clone: Path) -> None:
    code, found = answer(clone, "--run")
    assert (code, found["gaps"]) == (0, [])
    assert [found[name]["verdict"] for name in ("R01", "R02", "R03")] == [
        *("shown", "shown in part", "not met")
    ]
    assert found["R01"]["tests"] == [
        {"place": "tests/test_small.py::TestOne::test_shown", "cases": 2, "result": "passed"},
        {"place": "tests/test_small.py::test_both", "cases": 1, "result": "passed"},
    ]
    again, listed = answer(clone, "--junit", str(clone / "build" / "requirements.xml"))
    assert (again, listed) == (code, found)
    printed = trace(clone)
    assert printed.exit_code == 0
    for words in ("R01", "test_shown x2", "not run", "A licence.", "Everything that is claimed"):
        assert words in " ".join(printed.stdout.split()), words


def test_failing_test_and_missing_test_are_gaps_with_exit_code_one(clone: Path) -> None:
    replace(clone, "tests/test_small.py", "assert words", "assert 'x' not in words")
    replace(clone, "tests/test_small.py", '@pytest.mark.requirement("R02")\n', "")
    code, found = answer(clone, "--run")
    assert (code, found["gaps"]) == (1, ["R01", "R02"])
    assert found["R01"]["verdict"] == "failed"
    assert found["R02"]["verdict"] == "no test"


def test_unknown_id_on_a_test_is_an_error_that_names_both(clone: Path) -> None:
    replace(clone, "tests/test_small.py", '"R02"', '"R99"')
    done = trace(clone)
    assert done.exit_code == 1
    assert "test_small.py::test_both carries requirement 'R99'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_tests_that_cannot_be_collected_are_one_sentence(clone: Path) -> None:
    replace(clone, "tests/test_small.py", "import pytest", "import pytest, no_such_module")
    done = trace(clone)
    assert done.exit_code == 1
    assert "tests/test_small.py, " in done.stderr
    assert "No module named 'no_such_module'" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('met = "yes"', 'met = "perhaps"', "yes, part, no"),
        ('why = "No voice."', "", "what is missing in why"),
        ('limit = "<= 1 s"', "", "see to limit"),
        ('limit = "<= 1 s"', "limit = 1", "needs the texts"),
        ('limit = "<= 1 s"', 'limits = "1"', "see to limits"),
        ('software = "no"\nmet = "no"', 'software = "no"\nmet = "part"', "lower met"),
        ("[R01]", "[R01", "not TOML"),
    ],
)
def test_mistake_in_the_data_is_one_sentence(clone: Path, old: str, new: str, words: str) -> None:
    replace(clone, "docs/requirements.toml", old, new)
    with pytest.raises(NabijError, match=words) as caught:
        load(clone / "docs" / "requirements.toml")
    assert "\n" not in caught.value.sentence


def test_all_thirty_requirements_are_there() -> None:
    found = [requirement.id for requirement in load(REPO / "docs" / "requirements.toml")]
    assert found == [f"R{number:02}" for number in range(1, 31)]


def test_settings_name_known_requirements_only() -> None:
    from badge.core.settings.fields import FIELDS, RULES

    known = {requirement.id for requirement in load(REPO / "docs" / "requirements.toml")}
    named = {rule.requirement for rule in RULES}
    named |= {name for row in FIELDS for name in row.requirements.replace(",", " ").split()}
    assert named <= known


def test_page_is_the_one_that_the_marks_make_and_no_claim_lacks_a_test() -> None:
    requirements: list[Requirement] = load(REPO / "docs" / "requirements.toml")
    found = rows(requirements, runs.collect(REPO), {})
    assert [row.requirement.id for row in found if row.verdict == "no test"] == []
    made = page.page(found)
    shown = (REPO / "docs" / "requirements.md").read_text(encoding="utf-8")
    assert shown == made, "run: nabij trace --write docs/requirements.md"
