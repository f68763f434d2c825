"""What the last start died of: told once, in one line that says where."""

from pathlib import Path

from badge.storage import crash_note

TRACEBACK = """Traceback (most recent call last):
  File "main.py", line 25, in <module>
  File "badge/app.py", line 90, in run

OSError: [Errno 5] EIO
"""


def test_a_start_that_died_of_nothing_has_no_note(tmp_path: Path) -> None:
    assert crash_note.take(f"{tmp_path}/") is None


def test_it_is_where_and_what_and_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "crash").write_text(TRACEBACK)
    told = crash_note.take(f"{tmp_path}/")
    assert told == 'File "badge/app.py", line 90, in run; OSError: [Errno 5] EIO'
    assert crash_note.take(f"{tmp_path}/") is None


def test_what_flash_made_of_it_is_told_as_text(tmp_path: Path) -> None:
    (tmp_path / "crash").write_bytes(b"\xff\x80\x7fa\x00\n")
    assert crash_note.take(f"{tmp_path}/") == "??\x7fa\x00"


def test_of_a_long_one_the_end_is_told(tmp_path: Path) -> None:
    (tmp_path / "crash").write_text("where\n" + "x" * 200 + "the end\n")
    told = crash_note.take(f"{tmp_path}/")
    assert told is not None
    assert (len(told), told[-7:]) == (150, "the end")
