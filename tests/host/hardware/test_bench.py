"""The bench list: what only a board can tell has a test there, and each test can be filled in."""

import re

from nabij.cli.verbs import VERBS
from tests.places import DOCS, REPO

_NUMBER = re.compile(r"\bB\d\d\b")
BENCH = REPO / "hardware" / "bench.md"


def _rows() -> list[list[str]]:
    lines = BENCH.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if _NUMBER.fullmatch(row[0])]


def test_each_row_says_what_to_do_and_to_expect_and_leaves_room() -> None:
    rows = _rows()
    assert len(rows) > 30
    assert len({row[0] for row in rows}) == len(rows)
    for number, do, expected, seen in rows:
        assert do, number
        assert expected, number
        assert seen == "", f"{number} is a form: what was seen comes back by mail"


def test_what_is_known_of_the_chip_names_tests_that_exist() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    part = page.split("## What is known of the chip")[1].split("\n## ")[0]
    named = set(_NUMBER.findall(part))
    assert named
    assert named <= {row[0] for row in _rows()}


def test_its_commands_exist() -> None:
    text = BENCH.read_text(encoding="utf-8")
    used = set(re.findall(r"`nabij ([a-z]+)", text))
    assert used
    assert used <= {verb.name for verb in VERBS}
