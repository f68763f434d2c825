"""The register by command: kept whole or not at all, and what it says of people's shifts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.people import persons
from nabij.cli.app import app
from tests.host.centre.deadline_world import World

WORKERS = "naam;geboortedatum;functie\nAnna;1990-05-01;bewaker\nBert;2010-01-01;stagiair\n"
TASKS = "taak;nooit_alleen;effect;kans;toelichting\nronde;;3;2;buiten\nhigh_voltage;;5;1;\n"
SHIFTS = (
    "naam;taak;locatie;begin;einde;alleen\n"
    "Anna;ronde;Yard;2027-03-01 22:00;2027-03-02 06:00;ja\n"
    "Bert;ronde;Yard;2027-03-01 10:00;2027-03-01 14:00;nee\n"
)
PERMITS = (
    "naam;soort;taak;locatie;verleend;door;vanaf;tot_en_met\n"
    "Anna;opleiding;;;ja;J. Smit;2026-01-01;2027-03-05\n"
    "Anna;geschikt;;;ja;Dr. B;2026-01-01;2028-12-31\n"
)
MEASURES = (
    "taak;locatie;maatregel;doeltreffendheid;verantwoordelijke;budget;status;begindatum;einddatum\n"
    "ronde;Yard;verlichting;4;J. Smit;500;open;2026-01-01;\n"
)


@pytest.fixture
def state(each_engine: str, tmp_path: Path) -> Path:
    world = World(tmp_path)
    world.store.write(lambda one: persons.add_site(one, "Yard", zone="Europe/Amsterdam"))
    world.close()
    return tmp_path


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["register", *words, "--state", str(state)])


def keep(state: Path, sheet: str, text: str) -> Result:
    file = state / f"{sheet}.csv"
    file.write_text(text)
    return run(state, "import", sheet, str(file))


@pytest.fixture
def filled(state: Path) -> Path:
    for sheet, text in (
        ("workers", WORKERS), ("tasks", TASKS), ("shifts", SHIFTS), ("permits", PERMITS),
        ("measures", MEASURES),
    ):  # fmt: skip
        done = keep(state, sheet, text)
        assert done.exit_code == 0, done.stderr
    return state


def test_what_goes_in_comes_out(filled: Path) -> None:
    for sheet in ("workers", "tasks", "shifts", "permits", "measures"):
        out = run(filled, "export", sheet).stdout
        assert keep(filled, sheet, out.removeprefix("\ufeff")).exit_code == 0
        assert run(filled, "export", sheet).stdout == out
    # The law's own list is never alone, whatever a file says.
    assert "high_voltage;Arbobesluit 3.5 lid 2" in run(filled, "export", "tasks").stdout


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("14:00;nee", "14:00;ja", "Line 3: this shift is refused, since Bert is under 18"),
        ("Anna;ronde", "Anna;high_voltage", "nobody does high_voltage alone"),
        ("Anna;ronde", "Zoe;ronde", "nobody is called Zoe"),
        ("Anna;ronde;Yard", "Anna;ronde;Moon", "no site Moon"),
        ("Anna;ronde", "Anna;zwemmen", "no task zwemmen"),
        ("2027-03-02 06:00", "2027-03-01 21:00", "ends before it begins"),
    ],
)
def test_a_shift_that_cannot_be_changes_nothing(
    filled: Path, old: str, new: str, words: str
) -> None:
    before = run(filled, "export", "shifts").stdout
    refused = keep(filled, "shifts", SHIFTS.replace(old, new))
    assert refused.exit_code == 2
    assert words in refused.stderr
    assert run(filled, "export", "shifts").stdout == before


def test_what_is_missing_is_said_and_what_ends_soon(filled: Path) -> None:
    done = run(filled, "check", "--days", "366")
    assert done.exit_code == 1
    assert "there is no permission for Anna to do ronde alone at Yard" in done.stdout
    assert "soon: the training of Anna for ronde ends on 2027-03-05" in done.stdout
    assert "Bert" not in done.stdout
    as_json = json.loads(run(filled, "check", "--days", "366", "--json").stdout)
    assert [one["shifts"] for one in as_json["findings"]] == [1, 1]


def test_the_assessment_has_no_name_but_in_its_annex(filled: Path, tmp_path: Path) -> None:
    words = (
        "rie",
        "--from",
        "2027-03-01",
        "--until",
        "2027-03-07",
        "--folder",
        str(tmp_path / "rie"),
    )
    assert run(filled, *words).exit_code == 0
    files = {one.name: one.read_text() for one in (tmp_path / "rie").iterdir()}
    tables = {"lone_work.csv", "measures.csv", "incidents.csv", "figures.csv"}
    assert files.keys() == {"rie.json", "rie.html", *tables}
    assert not [name for name, text in files.items() if "Anna" in text]
    [row] = json.loads(files["rie.json"])["lone_work"]
    assert row == {
        "role": "bewaker",
        "site": "Yard",
        "task": "ronde",
        "window": "mon 22:00-06:00",
        "people": 1,
        "exposure_h_week": 8.0,
        "effect": 3,
        "probability": 2,
        "priority": 6,
        "shifts": 1,
        "shifts_with_a_badge": 0,
    }
    assert "verlichting" in files["rie.html"]
    assert files["lone_work.csv"].startswith("\ufefffunctie;locatie;taak;tijdvak;")
    assert run(filled, *words, "--names").exit_code == 0
    assert "Anna;ronde;Yard;1" in (tmp_path / "rie" / "names.csv").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "people"), "There is no sheet 'people'"),
        (("export", "tasks", "--lang", "de"), "give nl or en"),
        (("rie", "--from", "x", "--until", "2026-01-01", "--folder", "r"), "is no day"),
        (
            ("rie", "--from", "2026-01-02", "--until", "2026-01-01", "--folder", "r"),
            "is before --from",
        ),
    ],
)
def test_mistyped_is_one_sentence(state: Path, words: tuple[str, ...], said: str) -> None:
    done = run(state, *words)
    assert done.exit_code == 2
    assert said in done.stderr
