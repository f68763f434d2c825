"""Options that tell of files of one's own: understood as people write them, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.options import checked, refuse_idle
from nabij.data.own.recording import read_own
from nabij.errors import NabijError, UsageError
from tests.host.data.importing import imported
from tests.host.data.own import loggers
from tests.host.data.tables import KINDS, Writer, walk


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        *(
            (Told(units=word), Told(units="m/s2"))
            for word in ("m/s^2", "m/s²", "m/s/s", "m s-2", "M/S2")
        ),
        *((Told(units=word), Told(units="g")) for word in ("G", "g-force", "g")),
        (Told(units="milli-g"), Told(units="mg")),
        *((Told(time_unit=word), Told(time_unit="s")) for word in ("sec", "seconds", "S")),
        *((Told(time_unit=word), Told(time_unit="min")) for word in ("minutes", "Minuten")),
        *((Told(time_unit=word), Told(time_unit="hours")) for word in ("h", "uur")),
        (Told(decimal="comma"), Told(decimal=",")),
        (Told(decimal="point"), Told(decimal=".")),
    ],
)
def test_words_for_units_and_signs_are_understood(given: Told, meant: Told) -> None:
    assert checked(given) == meant


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            Told(units="furlong"),
            "There is no unit 'furlong': choose from g, mg, m/s2, cm/s2, mm/s2, ft/s2, ug.",
        ),
        (
            Told(units="counts"),
            "choose from g, mg, m/s2, cm/s2, mm/s2, ft/s2, ug, or give --scale for raw counts.",
        ),
        (
            Told(time_unit="fortnight"),
            "choose from s, ms, us, ns, days, min, hours, 100ns, 100us, 1/1024s, 1/32768s.",
        ),
        (Told(columns=("2", "2", "2")), "--columns names one column twice"),
        (Told(columns=("x", "y")), "--columns takes three names"),
        (Told(decimal=";"), "--decimal is . or a comma."),
        (Told(time="none", time_unit="ms"), "--time none and --time-unit exclude each other"),
        (Told(separator=",", decimal="comma"), "are the same"),
    ],
)
def test_what_is_true_of_no_file_is_refused_with_what_to_choose(told: Told, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked(told)
    assert words in raised.value.sentence
    assert raised.value.sentence.endswith(".")


def test_one_column_by_two_names_is_refused(tmp_path: Path) -> None:
    file = Writer().write(tmp_path / "one.csv", walk(), 100)
    with pytest.raises(UnusableFileError, match=r"one column under two of x \(g\), 2, z \(g\)"):
        read_own(file, "one.csv", Told(columns=("x (g)", "2", "z (g)")))
    with pytest.raises(UnusableFileError, match="time in a column of its acceleration"):
        read_own(file, "one.csv", Told(columns=("2", "3", "4"), time="z (g)"))


def test_a_unit_of_time_for_text_is_refused(tmp_path: Path) -> None:
    file = KINDS["ISO in UTC"].write(tmp_path / "one.csv", walk(), 100)
    with pytest.raises(UnusableFileError, match="leave --time-unit out"):
        read_own(file, "one.csv", Told(time_unit="ms"))


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        (
            "text",
            {"sheet": "A"},
            "--sheet is for files of several tables (.xlsx, .xls, .ods, JSON), and a.csv is",
        ),
        ("workbook", {"encoding": "utf-8"}, "--encoding is for text, and a.ods is none"),
        ("workbook", {"separator": ";"}, "--separator is for tables, and a.ods is none"),
        ("logger", {"columns": ("x", "y", "z")}, "--columns is for tables, and a.cwa is none"),
        ("logger", {"time_unit": "ms"}, "--time-unit is for tables, and a.cwa is none"),
    ],
)
def test_an_option_that_the_file_has_no_use_for_is_refused(
    tmp_path: Path, kind: str, told: dict[str, Any], words: str
) -> None:
    file = {
        "text": lambda: Writer().write(tmp_path / "a.csv", walk(), 100),
        "workbook": lambda: loggers.write_ods(tmp_path / "a.ods", ["x", "y", "z"], walk()),
        "logger": lambda: loggers.write_cwa(tmp_path / "a.cwa", walk()),
    }[kind]()
    with pytest.raises(UsageError) as raised:
        imported("csv", file, tmp_path / "out", told=Told(**told))
    assert words in raised.value.sentence
    # Beside a file that has a use for it, it may stand.
    both = [file, Writer().write(tmp_path / "b.csv", walk(), 100)]
    if kind != "text":
        refuse_idle(Told(**told), both)


def test_a_mistyped_set_gets_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no importer 'cvs': did you mean 'csv'\? There are sis"):
        imported("cvs", tmp_path, tmp_path / "out")


def test_files_of_ones_own_have_one_place(tmp_path: Path) -> None:
    file = Writer().write(tmp_path / "a.csv", walk(), 100)
    for places in (["neck", "waist"], ["all"]):
        with pytest.raises(NabijError, match="name one place"):
            imported("csv", file, tmp_path / "out", placements=places)
