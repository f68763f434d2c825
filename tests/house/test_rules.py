"""Each rule of the house notices a breach of it, and nothing in a tree that keeps it."""

import pytest

from tests.house.breaches import BREACHES, Files
from tests.house.file_rules import names_no_machine
from tests.house.rules import RULES
from tests.house.sources import Source, Sources


@pytest.mark.parametrize(("name", "files", "said"), BREACHES, ids=[row[0] for row in BREACHES])
def test_a_breach_is_noticed(name: str, files: Files, said: list[str]) -> None:
    assert sorted(RULES[name](Sources.made_up(files))) == sorted(said)


def test_every_rule_has_its_breach() -> None:
    assert {row[0] for row in BREACHES} == RULES.keys()


def test_the_reader_of_imports_overlooks_none() -> None:
    source = Source(
        "firmware/badge/x.py",
        "import machine, badge.tasks as t\n"
        "from badge import boards\n"
        "def f():\n"
        "    from badge.boards.x import Board\n",
    )
    assert set(source.imports) == {
        *("machine", "badge.tasks", "badge.boards", "badge.boards.x", "badge.boards.x.Board")
    }


def test_the_reader_of_sources_finds_all_of_them() -> None:
    """A rule over an empty tree would hold for ever."""
    modules = Sources.read().modules
    assert {"badge.core.utc", "nabij.errors", "sim.engine", "tests.house.test_rules"} <= set(
        modules
    )


def test_a_place_on_somebodys_machine_is_noticed() -> None:
    home = b"see /" + b"home/ann/notes and $HOME/x, https://host/" + b"home/x, a/" + b"tmp/b"
    assert names_no_machine(
        [("docs/a.md", home), ("docs/b.md", b"/etc/x"), ("LICENSE", home)]
    ) == ["docs/a.md has /" + "home/ann"]
