"""No page, hardware file or printed text claims what no laboratory has tested."""

import functools

import pytest

from tests.house.claims import CLAIM, DENIAL, TABLE, claims, listed, made
from tests.places import REPO


@functools.cache
def of_the_project() -> list[tuple[str, str]]:
    return list(made())


def test_only_listed_sentences_hold_a_claim() -> None:
    allowed = listed()
    wrong = [
        f"{file}: {sentence}" for file, sentence in of_the_project() if sentence not in allowed
    ]
    assert wrong == [], f"say what was not tested (docs/safety.md), or list a denial in {TABLE}"


def test_each_listed_sentence_denies_and_is_in_use() -> None:
    said = {sentence for _file, sentence in of_the_project()}
    for sentence in listed():
        assert CLAIM.search(sentence), sentence
        assert DENIAL.search(sentence), f"{sentence!r} denies nothing"
        assert sentence in said, f"{sentence!r} stands nowhere: take it out of {TABLE}"


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("docs/a.md", "It works. The shell is **waterproof**. Yes.", "The shell is waterproof."),
        ("README.md", "| shell | certified\nby us |", "certified by us"),
        ("hardware/a/b.toml", 'note = "Complies with EN 1."', 'note = "Complies with EN 1."'),
        ("host_tools/a.py", 'print(f"{1} is intrinsically safe.")', "is intrinsically safe."),
        ("hardware/bom.csv", "shell,IP67,1", "shell,IP67,1"),
    ],
)
def test_a_claim_is_found_wherever_somebody_reads(tmp_path, file, text, found) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert {sentence for _file, sentence in made(tmp_path)} == {found}


def test_certificates_of_tls_are_no_claim() -> None:
    assert claims("The badge has a certificate. It runs on ESP32 at 4.2 V.") == []


def test_safety_names_what_is_missing() -> None:
    page = (REPO / "docs" / "safety.md").read_text(encoding="utf-8")
    for word in (
        *("RED", "SAR", "EN 62368-1", "UN 38.3", "ATEX", "EN 60529", "break-away"),
        *("Cleaning", "Children", "thermistor", "builder"),
    ):
        assert word in page, word
