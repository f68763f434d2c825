"""What the page of the contract, the docstring of link/bearer.py, says that a bearer has."""

import ast
import re

from tests.places import FIRMWARE

_PAGE = FIRMWARE / "badge" / "link" / "bearer.py"
_IN_FIRST_COLUMN = re.compile(r"^\| (.*?) \|", re.MULTILINE)


def promised() -> list[str]:
    """The names, without their arguments."""
    page = ast.get_docstring(ast.parse(_PAGE.read_text())) or ""
    cells = _IN_FIRST_COLUMN.findall(page)
    found = [name for cell in cells for name in re.findall(r"`(?:await )?(\w+)", cell)]
    assert {"open", "stream", "revive"} <= set(found), found
    return found
