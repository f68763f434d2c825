"""Files of OpenCelliD, whole, odd and broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nabij.centre.cells.table_file import Count, cells, networks_of
from nabij.centre.database.cell_table import Row
from nabij.errors import UsageError
from tests.host.centre.cells.opencellid import HEADINGS, line, packed

KPN = networks_of(["204-08"])
ONE = Row(204, 8, 4101, 77, 520066700, 43555600, 1200, 80)


def read(file: Path, *networks: str) -> tuple[list[Row], Count]:
    count = Count()
    return list(cells([file], networks_of(networks or ["204-08"]), count)), count


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "204.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize("head", ["", HEADINGS, "\ufeff" + HEADINGS])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_with_headings_or_without_is_read(tmp_path: Path, head: str, end: str) -> None:
    rows, count = read(written(tmp_path, (head + line()).replace("\n", end)))
    assert rows == [ONE]
    assert (count.kept, count.bad, count.newest_s) == (1, 0, 1790000000)


def test_a_gzip_is_read_as_well(tmp_path: Path) -> None:
    assert read(packed(tmp_path / "a.csv.gz", [HEADINGS, line()]))[0] == [ONE]


def test_only_lte_of_the_chosen_networks_is_kept(tmp_path: Path) -> None:
    others = [line(radio="GSM"), line(net=4), line(mcc=206), line(radio="NR"), line(78)]
    file = written(tmp_path, "".join(others))
    assert [row.ci for row in read(file)[0]] == [78]
    assert [(row.mnc, row.ci) for row in read(file, "204")[0]] == [(4, 77), (8, 78)]
    assert len(read(file, "206-08", "204-04")[0]) == 2


def test_what_is_not_known_of_a_cell_may_be_left_empty(tmp_path: Path) -> None:
    [row], count = read(written(tmp_path, line(unit="", range="", samples="", updated="")))
    assert (row.range_m, row.samples, count.newest_s) == (0, 0, 0)


@pytest.mark.parametrize(
    "bad",
    [
        line(lat=90.1),
        line(lon=-180.5),
        line(lat="nan"),
        line(lat=0, lon=0),
        line(lat="5_2.0"),
        line(area=0),
        line(area=65536),
        line(1 << 28),
        line(-1),
        line(range=-5),
        line(range=100001),
        line(mcc="x"),
        line(updated="soon"),
        "LTE,204\n",
        '"LTE",204;8\n',
        "LTE," + "9" * 5000 + "\n",
    ],
)
def test_a_bad_line_is_counted_and_named_by_its_number(tmp_path: Path, bad: str) -> None:
    rows, count = read(written(tmp_path, line() + bad + "\n" + line(78)))
    assert [row.ci for row in rows] == [77, 78]
    assert count.sentence() == "1 line is no cell and was left out: 2."


def test_of_many_bad_lines_the_first_are_named(tmp_path: Path) -> None:
    rows, count = read(written(tmp_path, (line(lat=95) + line()) * 40))
    assert len(rows) == 40
    assert count.sentence() == (
        "40 lines are no cells and were left out: 1, 3, 5, 7, 9 and 35 more."
    )


def test_of_several_files_a_line_is_named_with_its_file(tmp_path: Path) -> None:
    one = packed(tmp_path / "204.csv.gz", [line(), line(lat=95)])
    other = packed(tmp_path / "206.csv.gz", [line(lat=95)])
    count = Count()
    assert len(list(cells([one, other], KPN, count))) == 1
    assert "204.csv.gz 2, 206.csv.gz 1" in count.sentence()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b'{"error": "Invalid token"}', "an answer of a server"),
        (b"PK\x03\x04rest", "a zip or a workbook"),
        (line().replace(",", ";").encode(), "parted by something else than commas"),
        (line().replace(",", "\t").encode(), "parted by something else than commas"),
        (b"mcc,net,area\n204,8,1\n", "14 columns, radio to averageSignal"),
        (HEADINGS.replace("lon,lat", "lat,lon").encode() + line().encode(), "14 columns"),
        (line(lat=95).encode() * 200, "200 of its 200 lines are no cell, the first is line 1"),
        ((line() + line()[:40]).encode(), "ends in the middle"),
        (gzip.compress(line().encode() * 5000, mtime=0)[:-40], "ends in the middle or is damaged"),
        (gzip.compress(b"\0" * 30, mtime=0)[:20] + b"x" * 30, "damaged"),
    ],
)
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read(file)
    assert words in caught.value.sentence
    assert str(file) in caught.value.sentence
    assert "the cells that were there stay" in caught.value.sentence


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(UsageError, match="Cannot read"):
            read(file)


@pytest.mark.parametrize("text", ["", "20", "2040", "204-8", "204-08-1", "x", "²04"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no network"):
        networks_of([text])


def test_networks_have_to_be_chosen_and_are_shown_in_order() -> None:
    with pytest.raises(UsageError, match="--network"):
        networks_of([])
    assert str(networks_of(["206", "204-16", "204-04", "310-410"])) == (
        "204-04, 204-16, 206, 310-410"
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=600) | st.text(",LTE204.8\n-", max_size=300).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        rows, count = read(written(tmp_path, line().encode() + content))
    except UsageError:
        return
    assert rows[0] == ONE
    assert len(rows) == count.kept
