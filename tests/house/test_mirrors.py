"""A module without a test, and a test without a module, are noticed; so is a table that is old."""

from tests.house.mirrors import TABLE, not_mirrored
from tests.house.sources import Sources

BADGE = "firmware/badge"
FILES = {
    "firmware/main.py": "",
    f"{BADGE}/core/alarm/book.py": "",
    f"{BADGE}/log.py": "",
    "host_tools/nabij/errors.py": "",
    "host_tools/nabij/usb/__init__.py": "",
    "sim/world/run.py": "",
    "tests/core/alarm/test_book.py": "",
    "tests/core/alarm/helper.py": "",
    "tests/firmware/test_log.py": "",
    "tests/firmware/test_fits.py": "",
    "tests/host/test_errors_of_people.py": "",
    "tests/sim/test_badge.py": "",
}
COVERED = {
    "firmware/main.py": "tests/sim/test_badge.py",
    "sim/world/run.py": "tests/sim/test_badge.py",
}
ACROSS = ["tests/firmware/test_fits.py"]


def said(changes: dict[str, str | None], covered: dict[str, str] | None = None) -> list[str]:
    files = {path: text for path, text in (FILES | changes).items() if text is not None}
    return not_mirrored(Sources.made_up(files), covered or COVERED, ACROSS)


def test_a_tree_that_mirrors_is_left_alone() -> None:
    assert said({}) == []


def test_a_module_without_a_test_is_noticed() -> None:
    [sentence] = said({"tests/core/alarm/test_book.py": None})
    assert sentence.startswith(f"{BADGE}/core/alarm/book.py has no test")
    assert "tests/core/alarm/test_book.py" in sentence
    [sentence] = said({"sim/models/modem/line.py": "x = 1\n"})
    assert "tests/sim/models/modem/test_line.py" in sentence


def test_a_test_without_a_module_is_noticed() -> None:
    [sentence] = said({"tests/host/usb/test_cables.py": ""})
    assert sentence.startswith("tests/host/usb/test_cables.py mirrors no module")
    assert said({"tests/cut/test_any.py": "", "tests/sim/test_any.py": ""}) == []


def test_a_table_that_is_old_is_noticed() -> None:
    assert said({"firmware/main.py": None}) == [f"{TABLE}: there is no firmware/main.py"]
    gone = said({"tests/firmware/test_fits.py": None})
    assert gone == [f"{TABLE}: there is no tests/firmware/test_fits.py"]
    covered = COVERED | {f"{BADGE}/log.py": "tests/sim/test_badge.py"}
    assert said({}, covered) == [
        f"{BADGE}/log.py has tests/firmware/test_log.py: take its line out of {TABLE}"
    ]
    [sentence] = said({f"{BADGE}/fits.py": ""})
    assert sentence == f"{TABLE}: tests/firmware/test_fits.py mirrors a module"
