"""A pytest plugin that writes which test carries which requirement id, as JSON."""

import json
from pathlib import Path

import pytest

OPTION = "--requirement-marks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file."""
    parser.addoption(OPTION, type=Path, help="write {node id: [requirement ids]} to this file")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the marks of everything that was collected."""
    path = session.config.getoption(OPTION)
    if path is None:
        return
    marked = {
        item.nodeid: sorted({str(name) for mark in marks for name in mark.args})
        for item in session.items
        if (marks := list(item.iter_markers("requirement")))
    }
    path.write_text(json.dumps(marked))
