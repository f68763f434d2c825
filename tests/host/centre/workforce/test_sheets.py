"""CSV as people have it: both languages, both separators, both ways to write a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.workforce import sheets
from nabij.centre.workforce.sheets import SHEETS, Language, read, write
from nabij.errors import UsageError

PERMITS = (
    "naam;soort;taak;locatie;verleend;door;vanaf;tot_en_met\r\n"
    "Anna;opleiding;;;ja;J. Smit;01-01-2026;31-12-2026\r\n"
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)
NAMES = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


def without_line(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: row[key] for key in row if key != "line"} for row in rows]


def test_dutch_and_english_are_the_same() -> None:
    dutch = read("permits", PERMITS.encode())
    assert dutch[0]["sort"] == "training"
    assert dutch[0]["last"] == dt.date(2026, 12, 31)
    english = write("permits", dutch, Language.EN)
    assert english.startswith("\ufeffname;sort;task;site;granted;given_by;from;until\r\n")
    assert without_line(read("permits", english.encode())) == without_line(dutch)
    commas = english.replace(";", ",").replace("2026-12-31", "31/12/2026")
    assert without_line(read("permits", commas.encode())) == without_line(dutch)


@given(
    st.lists(
        st.fixed_dictionaries({"name": NAMES, "born": st.none() | DAYS, "role": NAMES}), max_size=5
    ),
    st.sampled_from(list(Language)),
)
def test_any_names_come_back(rows: list[dict[str, Any]], language: Language) -> None:
    assert without_line(read("workers", write("workers", rows, language).encode())) == [
        # An apostrophe that keeps a formula a text is not part of it.
        {**row, **{key: row[key].removeprefix("'") for key in ("name", "role")}}
        if not row["name"].startswith("'")
        else {**row, "name": row["name"][1:], "role": row["role"].removeprefix("'")}
        for row in rows
    ]


def test_what_a_spreadsheet_would_run_stays_a_text() -> None:
    rows = [{"name": "=1+1", "born": None, "role": "@x"}]
    assert ";'@x" in write("workers", rows, Language.NL)
    assert read("workers", write("workers", rows, Language.NL).encode())[0]["name"] == "=1+1"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("naam;", "wie;", "There is no column naam"),
        ("soort;", "soort;bloedgroep;", "Column bloedgroep is not known here"),
        ("opleiding", "diploma", "Line 2: 'diploma' is no soort"),
        (";ja;", ";misschien;", "give ja or nee"),
        ("01-01-2026", "2026-13-01", "give a day as"),
        ("Anna", "", "give a name"),
    ],
)
def test_each_mistake_names_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error:
        read("permits", PERMITS.replace(old, new, 1).encode())
    assert error.value.sentence.endswith(".")


def test_another_coding_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="is not UTF-8"):
        read("permits", PERMITS.replace("Anna", "Zoë").encode("latin-1"))


@given(st.binary(max_size=200), st.sampled_from(list(SHEETS)))
def test_no_bytes_are_more_than_a_sentence(noise: bytes, sheet: str) -> None:
    try:
        sheets.read(sheet, noise)
    except UsageError:
        return
    raise AssertionError("this is no sheet")
