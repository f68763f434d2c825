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
    assert without_line(read("workers", write("workers", rows, language).encode())) == rows


@pytest.mark.parametrize("name", ["=1+1", "+31", "-2", "@x", "'=1+1", "''-2", "'s-Hertogenbosch"])
def test_what_a_spreadsheet_would_run_stays_a_text_and_comes_back(name: str) -> None:
    text = write("workers", [{"name": name, "born": None, "role": "x"}], Language.NL)
    cell = text.splitlines()[1].split(";")[0]
    assert not cell.startswith(("=", "+", "-", "@"))
    assert read("workers", text.encode())[0]["name"] == name


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("naam;", "wie;", "There is no column naam"),
        ("soort;", "soort;bloedgroep;", "Column bloedgroep is not known here"),
        ("opleiding", "diploma", "Line 2: 'diploma' is no soort"),
        (";ja;", ";misschien;", "give ja or nee"),
        ("01-01-2026", "2026-13-01", "give a day as"),
        ("01-01-2026", "46023", "give a day as"),
        ("01-01-2026", "1 jan 2026", "give a day as"),
        ("01-01-2026", "01-01-26", "give a day as"),
        ("naam;soort", "Bevoegdheden;;\r\nnaam;soort", "without merged cells or a title"),
        ("Anna", "", "give a name"),
    ],
)
def test_each_mistake_names_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error:
        read("permits", PERMITS.replace(old, new, 1).encode())
    assert error.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PERMITS.replace("Anna", "Zoë").encode("latin-1"), "is not UTF-8"),
        (PERMITS.encode("utf-16"), "is not UTF-8"),
        (PERMITS.encode("utf-16-le"), "is not UTF-8"),
        (b"PK\x03\x04" + bytes(99), "is a workbook"),
        (b"", "There is no column naam"),
        (PERMITS.encode() + b'"' + b"x" * 200_000, "is no CSV"),
    ],
)
def test_another_coding_is_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error:
        read("permits", content)
    assert error.value.sentence.count(". ") == 0


@pytest.mark.parametrize(
    "text",
    [
        PERMITS.replace(";", "\t"),
        "sep=;\r\n" + PERMITS,
        "sep=,\r\n" + PERMITS.replace(";", ","),
        PERMITS.replace("01-01-2026", "01/01/2026").replace("31-12-2026", "2026-12-31"),
        "\ufeff" + PERMITS.replace("naam", " Naam "),
    ],
)
def test_what_spreadsheets_write_is_read(text: str) -> None:
    assert without_line(read("permits", text.encode())) == without_line(
        read("permits", PERMITS.encode())
    )


def test_a_million_rows_are_one_sentence_before_they_fill_the_memory() -> None:
    head, row = "naam;geboortedatum;functie\n", "A;;\n"
    with pytest.raises(UsageError, match="at most 200000 rows: split it"):
        read("workers", (head + row * 1_000_000).encode())


@given(st.binary(max_size=200), st.sampled_from(list(SHEETS)))
def test_no_bytes_are_more_than_a_sentence(noise: bytes, sheet: str) -> None:
    try:
        sheets.read(sheet, noise)
    except UsageError:
        return
    raise AssertionError("this is no sheet")
