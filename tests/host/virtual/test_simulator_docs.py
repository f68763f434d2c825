"""The page of the simulator has the tables that the simulator refuses by."""

from nabij.virtual import simulator_docs
from sim.options import modem, verbs
from tests.places import DOCS

PAGE = DOCS / "simulator.md"


def test_the_page_has_the_tables_of_today() -> None:
    """If this fails: python -m nabij.virtual.simulator_docs --write docs/simulator.md."""
    page = PAGE.read_text(encoding="utf-8")
    assert simulator_docs.with_tables(page) == page
    for one in (*verbs.VERBS, *modem.VERBS, *modem.OPTIONS):
        assert f"| `{one.name}` |" in page
