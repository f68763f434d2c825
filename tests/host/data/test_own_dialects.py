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


@settings(max_examples=40)
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


@settings(max_examples=60)
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
        (b"<html><body><table>", "no three columns of numbers"),
        (b'{"time": [1, 2, 3], "x": [1, 2, 3]}', "no three columns of numbers"),
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
