"""Any table in any dialect is read at its true rate and size, or refused in a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nabij.data.common import NOTHING_TOLD, Recorded, UnusableFileError
from nabij.data.own.recording import Own, read_own
from nabij.data.parts import recorded
from nabij.errors import NabijError
from tests.host.data.tables import EPOCH_S, KINDS, Writer, clock, number, walk

# Heading and text of the time; whether it has enough digits for any rate.
TIMES = {
    "s": ("t_s", number(1, ".5f")),
    "s by its steps": ("time", number(1, ".4f")),
    "ms": ("Time (ms)", number(1000, ".2f")),
    "whole ms by its steps": ("timestamp", number(1000)),
    "epoch s": ("unix time", number(1, ".4f", EPOCH_S)),
    "epoch ms": ("timestamp", number(1000, "d", EPOCH_S)),
    "epoch us": ("time", number(1e6, "d", EPOCH_S)),
    "epoch ns": ("time", lambda second: f"{round((EPOCH_S + second) * 1e6)}000"),
    "days": ("Datum", number(1 / 86_400, ".11f", 46_329.0 * 86_400)),
    "ISO": ("Zeitstempel", clock("%Y-%m-%dT%H:%M:%S.$f", 6)),
    "ISO in a zone": ("time", clock("%Y-%m-%d %H:%M:%S.$f-05:00", 3)),
    "over midnight": ("tijd", clock("%d-%m-%Y %H:%M:%S.$f", 3)),
    "time of day": ("Uhrzeit", clock("%H:%M:%S.$f", 3)),
    "time with a colon": ("time", clock("%H:%M:%S:$f", 3)),
}
NAMES = (
    *(("x", "y", "z"), ("ax", "ay", "az"), ("acc_x", "acc_y", "acc_z")),
    *(("Acceleration X", "Acceleration Y", "Acceleration Z"), ("X-Achse", "Y-Achse", "Z-Achse")),
    *(("accX", "accY", "accZ"), ("Versnelling_X", "Versnelling_Y", "Versnelling_Z")),
)
UNITS = {"g": ("", " (g)", "_g", " [g]"), "mg": ("", " (mg)"), "m/s2": ("", " (m/s^2)", " [m/s2]")}
ORDERS = ("txyz", "xyzt", "zyxt", "t123xyz", "txyz123", "0tyxz1")
SIGNS = ((",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", "."), (",", ","))


@st.composite
def dialects(draw: st.DrawFn) -> tuple[Writer, float]:
    separator, decimal = draw(st.sampled_from(SIGNS))
    quote = '"' if separator == decimal else draw(st.sampled_from(["", '"']))
    title, time = TIMES[draw(st.sampled_from(sorted(TIMES)))]
    unit = draw(st.sampled_from(sorted(UNITS)))
    order = draw(st.sampled_from(ORDERS))
    suffix = draw(st.sampled_from(UNITS[unit]))
    axes = dict(zip("xyz", draw(st.sampled_from(NAMES)), strict=True))
    names = {"t": title, **{axis: name + suffix for axis, name in axes.items()}}
    names |= {str(k): f"gyro_{axis}" for k, axis in enumerate("wxyz")} | {"0": "battery"}
    writer = Writer(
        separator,
        decimal,
        quote,
        draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        tuple(names[one] for one in order),
        unit=unit,
        digits=draw(st.integers(3, 6)) - (3 if unit == "mg" else 0),
        order=order,
        time=time,
        last_line_ends=draw(st.booleans()),
    )
    return writer, draw(st.sampled_from([20.0, 31.25, 50.0, 87.9, 100.0, 104.0, 238.0, 400.0]))


@settings(max_examples=40, derandomize=True)
@given(drawn=dialects())
def test_whatever_is_written_is_read_back(drawn: tuple[Writer, float]) -> None:
    writer, rate_hz = drawn
    acc = walk(round(4 * rate_hz), rate_hz)
    with tempfile.TemporaryDirectory() as folder:
        file = writer.write(Path(folder) / "one.csv", acc, rate_hz)
        own = read_own(file, "one.csv", NOTHING_TOLD)
        (one,) = recorded("one.csv", own.rules, own.logged("one"))
    assert not isinstance(one, UnusableFileError)
    assert one.rate_hz == pytest.approx(rate_hz, rel=2e-3)
    lost = len(acc) - len(one.acc_mg)
    # A last line without an end may be cut, for all that one can see.
    assert lost == 0 or (lost == 1 and not writer.last_line_ends)
    coarsest_mg = {"g": 1000.0, "mg": 1.0, "m/s2": 102.0}[writer.unit] * 10.0**-writer.digits
    assert np.abs(one.acc_mg - acc[: len(one.acc_mg)] * 1000).max() <= coarsest_mg + 0.01


def damaged(content: bytes, cuts: list[tuple[str, float, int]]) -> bytes:
    """The bytes after some damage: (what, where as a share, how much)."""
    for what, where, much in cuts:
        at = int(where * len(content))
        if what == "flip":
            content = (
                content[:at]
                + bytes(b ^ (much or 1) for b in content[at : at + 1])
                + content[at + 1 :]
            )
        elif what == "cut":
            content = content[:at]
        elif what == "lose":
            content = content[:at] + content[at + much :]
        elif what == "zero":
            content = content[:at] + bytes(much) + content[at + much :]
        elif what == "long":
            content = content[:at] + b"9" * (much * 1000) + content[at:]
        else:
            content = content[:at] + content[at : at + much * 20] + content[at:]
    return content


def read(file: Path) -> tuple[list[Recorded | UnusableFileError], str]:
    """The recordings in a file, or the sentence that it is refused with."""
    try:
        own = read_own(file, "one.csv", NOTHING_TOLD)
        return recorded("one.csv", own.rules, own.logged("one")), ""
    except NabijError as error:
        return [], error.sentence


DAMAGE = st.tuples(
    st.sampled_from(["flip", "flip", "cut", "lose", "zero", "long", "twice"]),
    st.floats(0, 1),
    st.integers(0, 255),
)


def test_an_hour_that_no_day_has_is_a_line_without_a_time(tmp_path: Path) -> None:
    """As where a line was torn and two stamps run into each other."""
    lines = [f"2026-11-03 08:15:{at // 100:02}.{at % 100:02}0,0.02,0.01,1.0" for at in range(400)]
    lines[126] = lines[126].replace("08:15", "708:15")
    lines[127] = lines[127].replace("2026-11-03 08:15", "708:15")
    file = tmp_path / "one.csv"
    file.write_text("\n".join(["timestamp,x (g),y (g),z (g)", *lines]) + "\n")
    own = read_own(file, "one.csv", NOTHING_TOLD)
    assert own.t_s is not None
    assert (len(own.t_s), own.t_s[-1]) == (398, pytest.approx(3.99))


@settings(max_examples=60, derandomize=True)
@given(kind=st.sampled_from(sorted(KINDS)), cuts=st.lists(DAMAGE, min_size=1, max_size=3))
@example(kind="Axivity", cuts=[("cut", 0.0, 0)])
def test_damage_is_mended_or_told_and_never_changes_a_rate(
    kind: str, cuts: list[tuple[str, float, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = KINDS[kind].write(Path(folder) / "one.csv", walk(), 100)
        file.write_bytes(damaged(file.read_bytes(), cuts))
        parts, sentence = read(file)
    if sentence:
        assert sentence.startswith("one.csv ")
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) < 600
    for one in parts:
        assert not isinstance(one, UnusableFileError)
        assert one.rate_hz == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\0" * 5000, "is not text"),
        (bytes(range(256)) * 40, "is not text"),
        (b"t,x,y,z\n", "no three columns of numbers"),
        (b"9" * 3_000_000, "no three columns of numbers"),
        (b"t_s,x,y,z\n" + b"0,1,2,3,4,5,6,7" * 200_000, "no three columns of numbers"),
        (
            b"<html><body><table>",
            "is HTML or XML without a table, whatever its ending: save it as",
        ),
        (b'{"time": [1, 2, 3], "x": [1, 2, 3]}', "is JSON without a list of samples: write one"),
        (b'[\n {\n  "x": 1,\n  "y": 2\n }\n]', "is JSON without a list of samples: write one"),
        (b"x" + b",0.1" * 900, "has 901 cells on a line: write each sample on a line of its own"),
        (b"PK\x03\x04" + b"x" * 200, "is not a readable .csv file"),
        (b"\x1f\x8b" + b"x" * 200, "gzip archive: unpack it"),
        (b"SQLite format 3\0" + b"x" * 200, "export its samples as CSV"),
        (b"0,00,1,2140,0,1960,0,1670\n" * 50, "has no heading and 8 columns"),
        (b"t,x,y,z\n" + b"0,00,1,2140,0,1960,0,1670\n" * 50, "nothing else between them"),
        (b"n,x,y,z\n" + b"".join(b"%d,0,1,0\n" % k for k in range(200)), "no column of time"),
        (
            b"time,x,y,z\n" + b"".join(b"%d,0,1,0\n" % k for k in range(200)),
            "counts its 'time' one",
        ),
        (b"time,x,y,z\n" + b"".join(b"%d,0,1,0\n" % (k * 3e5) for k in range(99)), "fit no unit"),
        (
            b"t_ms,x,y,z\n" + b"".join(b"%.2f,0,1,0\n" % (k / 100) for k in range(99)),
            "unit s would",
        ),
        (b"t_s,gx,gy,gz\n" + b"0.1,1,1,1\n" * 9, "no columns x, y, z of an acceleration"),
        (
            b"t_s,a_x,a_y,a_z,acc_x,acc_y,acc_z\n" + b"0.1,1,1,1,1,1,1\n" * 9,
            "more than one acceleration: give --columns a_x,a_y,a_z or acc_x,acc_y,acc_z",
        ),
        (
            b"Epoch Period (hh:mm:ss) 00:00:01\nAxis1,X,Y,Z\n" + b"0,1,2,3\n" * 9,
            "counts of epochs of 00:00:01",
        ),
    ],
)
def test_what_is_no_recording_is_refused_with_what_helps(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "one.csv"
    file.write_bytes(content)
    parts, sentence = read(file)
    assert parts == []
    assert words in sentence
    assert sentence.startswith("one.csv ")
    assert sentence.count("\n") == 0


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["0,50;0,10;0,20;1,00"] * 9, "decimal points up to line 42, which has commas"),
        (["0.50;0.10;0.20;1.00"] * 90, "line 2 has decimal commas where others, as line 42"),
    ],
)
def test_two_decimal_signs_are_refused_with_both_lines(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    sign = {",": ".", ".": ","}["," if "," in lines[0] else "."]
    first = [f"0{sign}{at:02};0{sign}1;0{sign}2;1{sign}0" for at in range(40)]
    (tmp_path / "one.csv").write_text("\n".join(["t;x (g);y (g);z (g)", *first, *lines]) + "\n")
    assert words in read(tmp_path / "one.csv")[1]


def test_decimal_commas_beyond_the_beginning_are_named_by_their_line(tmp_path: Path) -> None:
    lines = [f"{at / 100:.2f},0.01,1.00,0.02" for at in range(4000)]
    lines[3500] = lines[3500].replace(".", ",")
    sentence = read(csv_of(tmp_path, *lines))[1]
    assert "line 3502 has its numbers with another decimal sign" in sentence


def csv_of(folder: Path, *lines: str) -> Path:
    (folder / "one.csv").write_text("\n".join([HEADING, *lines]) + "\n")
    return folder / "one.csv"


@pytest.mark.parametrize("lines_end", [",", ",,"])
def test_separators_at_the_ends_of_lines_shift_no_column(tmp_path: Path, lines_end: str) -> None:
    own = own_of(table(*(line + lines_end for line in LINES)), tmp_path)
    assert own.taken.axes == "'x (g)', 'y (g)', 'z (g)'"
    assert own.acc_mg[0].tolist() == pytest.approx([10, 1000, 20])
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(0.99)


def test_commas_between_thousands_are_none_of_a_decimal(tmp_path: Path) -> None:
    lines = [f'"{at * 10:,}","{at % 3:,.1f}","{1000 + at % 5:,.1f}","-2,0.0"' for at in range(300)]
    text = "t_ms,x,y,z\n" + "\n".join(line.replace('"-2,0.0"', '"20.0"') for line in lines)
    own = own_of(text + "\n", tmp_path)
    assert own.taken.time == "'t_ms' in ms (by its heading)"
    assert own.acc_mg[200].tolist() == [2, 1000, 20]
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(2.99)


@pytest.mark.parametrize(("title", "unit_s"), [("time (min)", 60), ("Zeit [h]", 3600)])
def test_time_in_minutes_or_hours_is_read_by_its_heading(
    tmp_path: Path, title: str, unit_s: int
) -> None:
    lines = [f"{at / 100 / unit_s:.9f},0.01,1,0.02" for at in range(100)]
    own = own_of(table(*lines, heading=f"{title},x,y,z"), tmp_path)
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(0.99, abs=1e-4)
    # Without its unit it could be seconds at another rate.
    with pytest.raises(UnusableFileError, match="--time-unit"):
        own_of(table(*lines, heading="time,x,y,z"), tmp_path)


@pytest.mark.parametrize("how", ["mixed", "back"])
def test_rows_in_no_order_are_sorted_and_told(tmp_path: Path, how: str) -> None:
    acc = walk(900)
    file = Writer().write(tmp_path / "one.csv", acc, 100)
    head, *rows = file.read_text().splitlines()
    order = {"mixed": np.random.default_rng(3).permutation(900), "back": np.arange(900)[::-1]}
    mixed = [rows[at] for at in order[how]]
    file.write_text("\n".join([head, *mixed]) + "\n")
    own = read_own(file, "one.csv", NOTHING_TOLD)
    (one,) = recorded("one.csv", own.rules, own.logged("one"))
    assert isinstance(one, Recorded)
    assert one.rate_hz == 100
    assert "sorted by time" in one.notes[-1]
    assert np.abs(one.acc_mg - acc * 1000).max() < 0.1


def test_a_clock_that_stands_still_is_called_that(tmp_path: Path) -> None:
    file = Writer(time=lambda s: f"{5.0 if 5 < s < 7 else s:.2f}").write(
        tmp_path / "one.csv", walk(1200), 100
    )
    sentence = read(file)[1]
    assert "a clock that stands still for 199 samples after 5.00 s" in sentence
    assert "--source-rate 100" in sentence


@pytest.mark.parametrize("gap", [" ", ","])
def test_two_samples_on_each_line_are_called_that(tmp_path: Path, gap: str) -> None:
    pairs = [gap.join(LINES[at : at + 2]) for at in range(0, 100, 2)]
    assert "as if there were two samples on each" in read(csv_of(tmp_path, *pairs))[1]


HEADING = "t_s,x (g),y (g),z (g)"
LINES = [f"{at / 100:.2f},0.01,1,0.02" for at in range(100)]


def table(*lines: str, heading: str = HEADING) -> str:
    return "\n".join([heading, *lines]) + "\n"


def own_of(text: str, folder: Path) -> Own:
    (folder / "one.csv").write_text(text)
    return read_own(folder / "one.csv", "one.csv", NOTHING_TOLD)


@pytest.mark.parametrize("end", ["", ",", ",,,"])
@pytest.mark.parametrize("stray", ["0.50,9,0.01,1,0.02", "0.50,9,0.01,1,0.02,,,"])
def test_a_line_with_a_stray_cell_is_named(tmp_path: Path, end: str, stray: str) -> None:
    lines = [line + end for line in LINES]
    lines[50] = stray + end
    with pytest.raises(UnusableFileError, match=r"one\.csv line 52 has 5 cells, not 4 as its"):
        own_of(table(*lines, heading=HEADING + end), tmp_path)


def test_two_samples_on_a_line_are_both_taken(tmp_path: Path) -> None:
    own = own_of(table(*LINES[:50], ",".join(LINES[50:52]), *LINES[52:]), tmp_path)
    assert len(own.acc_mg) == 100
    assert "more than one sample, as line 52" in own.notes[0]


def test_a_column_that_is_seldom_filled_may_be(tmp_path: Path) -> None:
    lines = [*LINES[:50], LINES[50] + ",pressed", *LINES[51:]]
    own = own_of(table(*lines, heading=HEADING + ",button"), tmp_path)
    assert len(own.acc_mg) == 100
    lines = [line if "pressed" in line else line + "," for line in lines]
    assert len(own_of("\n".join(lines) + "\n", tmp_path).acc_mg) == 100


TWO_LINES = "t,x,y,z\ns,g,g,g"


@pytest.mark.parametrize("heading", [HEADING, HEADING + ",", "# " + HEADING, TWO_LINES])
def test_the_same_heading_again_is_left_out_and_told(tmp_path: Path, heading: str) -> None:
    own = own_of(table(*LINES[:50], heading, *LINES[50:], heading=heading), tmp_path)
    assert len(own.acc_mg) == 100
    assert own.notes == () if "#" in heading else "repeats its heading" in own.notes[0]


@pytest.mark.parametrize("mark", ["", "# "])
@pytest.mark.parametrize("again", ["t_s,z (g),y (g),x (g)", "x (g),y (g),z (g),t_s"])
def test_another_heading_in_the_middle_is_refused(tmp_path: Path, again: str, mark: str) -> None:
    text = table(*LINES[:50], mark + again, *LINES[50:], heading=mark + HEADING)
    with pytest.raises(UnusableFileError, match=r"one\.csv line 52 is another heading") as raised:
        own_of(text, tmp_path)
    assert raised.value.sentence.endswith(".")
