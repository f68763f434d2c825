"""Each answer of docs/compliance.md names code that is there."""

import re

from tests.places import DOCS, REPO

ROOMS = ("host_tools/nabij", "firmware/badge", ".")


def test_what_an_answer_names_exists() -> None:
    page = (DOCS / "compliance.md").read_text()
    named = re.findall(r"`([a-z_]+/[a-z_/0-9]*(?:\.py)?)`", page)
    assert len(named) > 20
    assert [one for one in named if not any((REPO / room / one).exists() for room in ROOMS)] == []
