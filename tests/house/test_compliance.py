"""Each answer of docs/compliance.md names code that is there."""

import re

from tests.places import DOCS, REPO

ROOMS = ("host_tools/nabij", "firmware/badge", ".")


def test_what_an_answer_names_exists() -> None:
    page = (DOCS / "compliance.md").read_text()
    named = re.findall(r"`([a-z_]+/[a-z_/0-9]*(?:\.py)?)`", page)
    assert len(named) > 20
    assert [one for one in named if not any((REPO / room / one).exists() for room in ROOMS)] == []


def test_each_mechanism_and_each_duty_has_an_answer() -> None:
    """EN 18031-1/-2, and the eight numbers of the CRA, annex I, part II."""
    page = (DOCS / "compliance.md").read_text()
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("|")]
    mechanisms = {
        word.strip(",") for row in rows for word in row.split() if word.strip(",").isupper()
    }
    assert mechanisms >= {
        *("ACM", "AUM", "SUM", "SSM", "SCM", "RLM", "NMM", "TCM", "CCK", "CRY", "GEC"),
        *("LGM", "DLM", "UNM"),
    }
    part_two = page.partition("part II")[2]
    assert re.findall(r"^\| ([0-9]) ", part_two, re.MULTILINE) == list("12345678")
    assert "support period" in page
    assert "## Update policy" in page


def test_the_security_page_says_how_whom_and_what_is_supported() -> None:
    page = (REPO / "SECURITY.md").read_text()
    for words in (
        "Report a weakness in private",
        "within a week",
        "90 days",
        "newest minor release",
    ):
        assert words in page
