"""Cells come in as a whole or not at all, beside a receiver that has the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nabij.centre.cells import importing
from nabij.centre.cells.table_file import networks_of
from nabij.centre.database import cell_load, cell_table
from nabij.centre.database.cell_table import FILE, Key, Source
from nabij.centre.store import Store
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths
from tests.host.centre.cells.opencellid import line, packed
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World, message

KPN = networks_of(["204-08"])
KEY = Key(204, 8, 4101, 77)


def brought(world: World, *lines: str) -> importing.Imported:
    file = packed(world.folder / "204.csv.gz", lines)
    return importing.import_files(StatePaths(world.folder), [file], KPN, lambda: 5)


def known(world: World, *keys: Key) -> list[int]:
    found = world.store.read(lambda one: cell_table.find(one, keys or [KEY]))
    return [row.range_m for row in found.values()]


@pytest.mark.usefixtures("each_engine")
def test_an_import_takes_the_place_of_the_one_before(world: World) -> None:
    assert known(world) == []
    assert world.store.read(cell_table.source) is None
    first = brought(world, line(), line(78), line(lat=99))
    assert first.source == Source("204.csv.gz", "204-08", 2, 1790000000, 5)
    assert first.left_out == "1 line is no cell and was left out: 3."
    assert known(world, KEY, Key(204, 8, 4101, 78), Key(204, 8, 4102, 77)) == [1200, 1200]
    brought(world, line(range=900))
    assert world.store.read(cell_table.source) == Source("204.csv.gz", "204-08", 1, 1790000000, 5)
    assert known(world, KEY, Key(204, 8, 4101, 78)) == [900]


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([line(net=4), line(net=16)], "no LTE cell of 204-08"),
        ([line(), line(lat=99) * 300], "300 of its 301 lines"),
        (["<html>"], "a web page"),
    ],
)
def test_a_broken_import_leaves_what_was_there(world: World, lines: list[str], words: str) -> None:
    brought(world, line(range=900))
    with pytest.raises(UsageError) as caught:
        brought(world, *lines)
    assert words in caught.value.sentence
    assert "that were there stay" in caught.value.sentence
    assert known(world) == [900]
    brought(world, line())
    assert known(world) == [1200]


@pytest.mark.usefixtures("each_engine")
def test_of_a_cell_that_is_there_twice_the_better_known_counts(world: World) -> None:
    brought(world, line(samples=3, range=1), line(samples=90, range=2), line(samples=9, range=3))
    assert known(world) == [2]


@pytest.mark.usefixtures("each_engine")
def test_a_killed_import_leaves_what_was_there(world: World) -> None:
    brought(world, line(range=900))
    endless = world.folder / "endless.csv"
    os.mkfifo(endless)
    code = (
        "import sys; from pathlib import Path; from nabij.paths import StatePaths\n"
        "from nabij.centre.cells import importing, table_file\n"
        "importing.import_files(StatePaths(Path(sys.argv[1])), [Path(sys.argv[2])],"
        " table_file.networks_of(['204-08']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, world.folder, endless])
    with endless.open("w") as pipe:
        pipe.writelines(line(number) for number in range(1, 2 * cell_load.AT_ONCE))
        pipe.flush()
        with pytest.raises(NabijError, match="Another import of cells is under way"):
            brought(world, line())
        # Alarms go on, and what was there is found, all the while.
        world.take(message())
        assert known(world) == [900]
        process.send_signal(signal.SIGKILL)
        process.wait()
    _wait_until_free(world)
    assert known(world) == [1200]
    left = [one.name for one in world.folder.glob(f".{FILE}.*")]
    assert left == []


def _wait_until_free(world: World) -> None:
    # A server takes a moment to notice who is gone.
    for _ in range(100):
        try:
            brought(world, line())
        except NabijError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the import that was killed holds its turn")


@on_sqlite
@pytest.mark.usefixtures("each_engine")
def test_a_disk_that_fills_is_left_to_the_alarms(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(world, line(range=900))
    monkeypatch.setattr(cell_load, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(NabijError, match="which alarms may need: the cells that were there stay"):
        brought(world, line())
    assert known(world) == [900]
    assert list(world.folder.glob(f".{FILE}.*")) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    Store(StatePaths(tmp_path)).close()
    (tmp_path / f".{FILE}-lock").mkdir()
    file = packed(tmp_path / "204.csv.gz", [line()])
    with pytest.raises(NabijError, match="The cells cannot be kept"):
        importing.import_files(StatePaths(tmp_path), [file], KPN)
