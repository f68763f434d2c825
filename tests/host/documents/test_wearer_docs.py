"""The page about what the wearer feels is the table that the badge plays from."""

from pathlib import Path

import pytest

from badge.core.wearer.feedback import SIGNALS
from badge.core.wearer.haptics import PATTERNS
from nabij.documents import wearer_docs
from tests.places import DOCS

PAGE = DOCS / "wearer.md"


def test_the_page_has_the_tables_of_today() -> None:
    """If this fails: python -m nabij.documents.wearer_docs --write docs/wearer.md."""
    page = PAGE.read_text(encoding="utf-8")
    assert wearer_docs.with_tables(page) == page
    for row in SIGNALS:
        assert f"| `{row[0]}` |" in page


def test_no_two_patterns_look_the_same_on_the_page() -> None:
    drawn = [wearer_docs.drawn(pulses) for pulses in PATTERNS.values()]
    assert len(set(drawn)) == len(drawn)


def test_a_page_without_its_marks_is_refused_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Another page\n")
    with pytest.raises(SystemExit) as ended:
        wearer_docs.main(["--write", str(page)])
    assert ended.value.code == 2
    assert "put both marks" in capsys.readouterr().err
    assert page.read_text() == "# Another page\n"
