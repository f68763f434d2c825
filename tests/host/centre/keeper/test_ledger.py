"""The keeper's log shows each change, and is taken up after a line that was cut."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.keeper.ledger import BEGINNING, BrokenLogError, Ledger, opened, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    log = Ledger(tmp_path / "log.jsonl")
    for number in range(5):
        log.add(number, "opened", incident=number // 2)
    return tmp_path / "log.jsonl"


def test_it_goes_on_where_it_ended(file: Path) -> None:
    before = Ledger(file)
    line = before.add(9, "refused", why="OLD")
    after = Ledger(file)
    assert (after.number, after.chain) == (6, line.chain)
    assert not after.torn


def test_a_line_that_was_cut_off_goes_and_is_told(file: Path) -> None:
    whole = file.read_bytes()
    for cut in (1, 10, 60):
        file.write_bytes(whole[:-cut])
        log = Ledger(file)
        assert log.torn
        assert log.number == 4
        log.add(9, "again")
        assert len(list(read(file.read_bytes()))) == 5


def test_a_line_that_the_disk_took_half_of_is_not_there(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Ledger(file)
    (file.with_name("reserve")).unlink()
    real = os.write

    def write(descriptor: int, text: bytes) -> int:
        if len(text) < 40:
            raise OSError(28, "No space left on device")
        return real(descriptor, text[:-10])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(OSError, match="No space"):
            log.add(9, "opened")
    log.add(9, "opened")
    assert len(list(read(file.read_bytes()))) == 6


@pytest.mark.parametrize("line", range(5))
def test_no_line_goes_comes_or_changes_unseen(file: Path, line: int) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    changed = json.loads(lines[line])
    changed["incident"] = 99
    for other in (
        [*lines[:line], json.dumps(changed).encode() + b"\n", *lines[line + 1 :]],
        [*lines[: line + 1], lines[line], *lines[line + 1 :]],
        [*lines[:line], *lines[line + 1 :], b""] if line < 4 else [*lines, b"{}\n"],
    ):
        with pytest.raises(BrokenLogError, match="DOES NOT HOLD"):
            list(read(b"".join(other)))


def test_a_broken_log_is_not_gone_on_with(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"at_ms": 2', b'"at_ms": 3'))
    with pytest.raises(BrokenLogError):
        Ledger(file)


def test_what_was_opened_is_found_by_incident(file: Path) -> None:
    found = opened(read(file.read_bytes()))
    assert {incident: len(chains) for incident, chains in found.items()} == {0: 2, 1: 2, 2: 1}


@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_a_log_that_are_none(content: bytes) -> None:
    try:
        lines = list(read(content))
    except BrokenLogError:
        return
    assert lines == []
    assert bytes(32) == BEGINNING
