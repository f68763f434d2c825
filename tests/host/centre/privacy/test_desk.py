"""Privacy by command: terms, the DPIA of what is really set, a copy for one person, an erasure."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.location import consent
from nabij.centre.people import audit
from nabij.centre.privacy import desk
from nabij.cli.app import app
from tests.host.centre.deadline_world import START_MS, World
from tests.host.centre.privacy.employer import NAME, filled


@pytest.fixture
def state(tmp_path: Path) -> Path:
    world = World(tmp_path)
    filled(world)
    world.close()
    return tmp_path


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["privacy", *words, "--state", str(state)])


def test_terms_are_said_with_their_reasons_and_changed_with_one(state: Path) -> None:
    said = run(state, "terms", "--lang", "en").stdout
    assert "incident      730 d" in said
    assert "location        0 d" in said
    assert run(state, "term", "incident", "1825", "--reason", "claims").exit_code == 0
    rows = json.loads(run(state, "terms", "--json").stdout)["terms"]
    assert {"kind": "incident", "days": 1825, "reason": "claims"} in rows


@pytest.mark.requirement("R29")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("location", "1", "--reason", "x"), "Location outside alarms stays off: no consent"),
        (("incident", "3", "--reason", "x"), "Keep incident for 35 to 36500 days"),
        (("incident", "400", "--reason", " "), "Give the reason"),
        (("weather", "400", "--reason", "x"), "There is no kind 'weather'"),
    ],
)
def test_a_term_that_cannot_be_is_refused_in_one_sentence(
    state: Path, words: tuple[str, ...], told: str
) -> None:
    done = run(state, "term", *words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.requirement("R29")
def test_with_the_works_councils_consent_location_may_be_kept(state: Path) -> None:
    world = World(state)
    day = consent.day_of(START_MS)
    wanted = consent.Wanted("OR", "OR 7", day, day + dt.timedelta(365))
    world.store.write(lambda one: consent.note(one, wanted, START_MS, "root"))
    world.close()
    assert run(state, "term", "location", "1", "--reason", "patrols").exit_code == 0


def test_the_dpia_is_of_what_is_set_now(state: Path, tmp_path: Path) -> None:
    run(state, "term", "incident", "1825", "--reason", "claims")
    folder = tmp_path / "dpia"
    assert run(state, "dpia", "--folder", str(folder)).exit_code == 0
    found = json.loads((folder / "dpia.json").read_text())
    told = " ".join(one[1] for one in found["open"])
    for words in ("No consent of the works council", "1825 days", "second factor", "anchored"):
        assert words in told
    assert found["people"] == {
        "wearers": 2,
        "others": 0,
        "left": 0,
        "in_the_register": 1,
        "badges": 1,
        "incidents": 1,
    }
    assert {"sort": "channel", "name": "mailto", "count": 1} in found["recipients"]
    [term] = [one for one in found["terms"] if one["kind"] == "incident"]
    assert (term["days"], term["reason"][0]) == (1825, "claims")
    page = (folder / "dpia.html").read_text()
    assert '<html lang="nl">' in page
    assert "Wat nog niet in orde is" in page
    # It names nobody, and fetches nothing.
    assert NAME not in page
    assert "http" not in page
    run(state, "dpia", "--folder", str(folder), "--lang", "en")
    assert "What only you can answer" in (folder / "dpia.html").read_text()


def test_a_copy_is_for_reading_and_stands_in_their_access_log(state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    assert run(state, "copy", NAME, "--folder", str(folder)).exit_code == 0
    found = json.loads((folder / "person.json").read_text())
    assert found["person"] == NAME
    page = (folder / "person.html").read_text()
    assert "Geboortedatum en functie (worker, 730 dagen)" in page
    assert "guard" in page
    assert (folder / "person.json").stat().st_mode & 0o077 == 0
    world = World(state)
    [line] = [one for one in world.store.read(audit.newest) if one.what == desk.COPIED]
    world.close()
    assert line.person_id == found["number"]
    missing = run(state, "copy", "Zoe", "--folder", str(folder))
    assert (missing.exit_code, "Nobody is called 'Zoe'" in missing.stderr) == (2, True)


def test_an_erasure_asks_twice_and_the_audit_is_verified_after_it(state: Path) -> None:
    first = run(state, "erase", NAME)
    assert first.exit_code == 2
    assert "for good: give --yes" in first.stderr
    done = run(state, "erase", NAME, "--yes", "--by", "root")
    assert done.exit_code == 0, done.stderr
    assert "Backups of before still have it" in done.stdout
    verified = CliRunner().invoke(app, ["audit", "verify", "--state", str(state)])
    assert verified.exit_code == 0
    assert "3 of them erased" in verified.stdout
    assert run(state, "erase", NAME, "--yes").exit_code == 2
