"""The record of the two slots: kept as it was stored, or made anew from what the slots hold."""

import sys
from pathlib import Path

import pytest

from badge.core import slots
from badge.core.codec import manifest
from badge.core.codec.manifest import Manifest
from badge.storage.slot_store import SlotStore

FILES = [("badge/app.mpy", 3, bytes(32))]


def install(folder: Path, name: str, build: int) -> bytes:
    """Slot `name` with a whole build."""
    frame: bytes = manifest.sign(Manifest("1.2.3", build, 6, FILES), b"k" * 32)
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "manifest").write_bytes(frame)
    return frame


def store(folder: Path) -> SlotStore:
    return SlotStore(f"{folder}/")


def test_a_badge_without_slots_has_nothing_installed(tmp_path: Path) -> None:
    record = store(tmp_path).load()
    assert (record.installed(), record.active) == (False, slots.NOBODY)


def test_what_was_stored_is_what_counts(tmp_path: Path) -> None:
    install(tmp_path, "b", 9)
    store(tmp_path).save(slots.first(5, "1.2.3"))
    record = store(tmp_path).load()
    assert (record.active, record.slots[0].build, record.slots[0].version) == (0, 5, "1.2.3")
    assert record.slots[1].state == slots.EMPTY


@pytest.mark.parametrize("damage", [None, b"", b"NS1\0", b"\xff" * 64])
def test_a_record_that_is_lost_is_made_anew_and_the_newer_build_is_on_trial(
    tmp_path: Path, damage: bytes | None
) -> None:
    install(tmp_path, "a", 7)
    install(tmp_path, "b", 6)
    if damage is not None:
        (tmp_path / "slots").write_bytes(damage)
    record = store(tmp_path).load()
    assert (record.active, record.floor) == (0, 6)
    assert [one.build for one in record.slots] == [7, 6]
    assert [one.state for one in record.slots] == [slots.TRIAL, slots.GOOD]


def test_a_slot_that_is_not_whole_or_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    install(tmp_path, "b", 6)
    for what in ("none", "cut", "unreadable"):
        if what == "cut":
            frame = install(tmp_path, "a", 7)
            (tmp_path / "a" / "manifest").write_bytes(frame[:-1])
        if what == "unreadable":
            (tmp_path / "a" / "manifest").unlink()
            (tmp_path / "a" / "manifest").mkdir()
        record = store(tmp_path).load()
        assert (record.active, record.slots[0].state) == (1, slots.EMPTY)
        assert store(tmp_path).fingerprint(0) is None
    assert store(tmp_path).fingerprint(1) is not None


def test_a_fingerprint_tells_what_is_in_a_slot(tmp_path: Path) -> None:
    frame = install(tmp_path, "a", 7)
    assert store(tmp_path).fingerprint(0) == manifest.fingerprint(frame)
    assert store(tmp_path).fingerprint(1) is None


def test_the_slot_that_runs_is_that_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = store(tmp_path)
    found = []
    for path in (one.folder(0), one.folder(1), "/loader", f"{tmp_path}/c"):
        monkeypatch.setattr(sys, "path", [path, one.folder(1)])
        found.append(one.running())
    assert found == [0, 1, slots.NOBODY, slots.NOBODY]
    assert one.folder(0) == f"{tmp_path}/a"
