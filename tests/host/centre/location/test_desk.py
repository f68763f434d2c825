"""What a person does about location outside alarms by command, and what they read."""

import datetime as dt
import json
from pathlib import Path

from nabij.centre.keeper.ledger import OPENED, Ledger
from nabij.centre.location import desk, opening
from nabij.centre.people import audit
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.location.location_world import LocationWorld, running
from tests.host.centre.served import nabij
from tests.waiting import wait_until

TODAY = dt.datetime.now(dt.UTC).date()


def consented(state: Path, *more: str) -> list[str]:
    days = ["--on", f"{TODAY}", "--until", f"{TODAY + dt.timedelta(300)}"]
    who = ["--council", "OR Noord", "--reference", "OR-2026-14", "--by", "j.smit"]
    return ["location", "consent", *who, *days, "--state", str(state), *more]


def test_by_command_from_consent_to_withdrawal(tmp_path: Path) -> None:
    Store(StatePaths(tmp_path)).close()
    term = ("privacy", "term", "location", "1", "--reason", "why", "--state", tmp_path)
    show = ("location", "show", "--state", tmp_path)
    refused = nabij(*term)
    assert (refused.returncode, "nabij location consent" in refused.stderr) == (2, True)
    assert nabij(*consented(tmp_path, "--team", "Nobody")).returncode == 2
    assert "Noted: OR Noord" in nabij(*consented(tmp_path)).stdout
    assert "Location outside alarms is off." in nabij(*show).stdout
    assert nabij(*term).returncode == 0
    shown = nabij(*show).stdout
    assert "is ON." in shown
    assert f"Consent: OR Noord, OR-2026-14, {TODAY} to" in shown
    assert nabij("location", "withdraw", "--yes", "--state", tmp_path).returncode == 0
    assert json.loads(nabij(*show, "--json").stdout)["consent"] is None


def test_log_and_audit_are_held_against_each_other(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.send()
        wait_until(lambda: place.position(2) is not None)
    log = place.stand / "keeper" / "log.jsonl"
    state = place.world.folder
    place.store.close()
    assert desk.compare(state, log.read_bytes()) == desk.Compared(1, (), ())
    # Somebody had one opened, and the receiver does not say so.
    Ledger(log).add(1, OPENED, incident=1)
    # And somebody wrote of one that was none.
    store = Store(StatePaths(state))
    detail = f"alarm; line 9 of the keeper's log, {'0' * 64}"
    store.write(
        lambda one: audit.add(one, 1, "keeper", opening.OPENED, incident_id=2, detail=detail)
    )
    store.close()
    assert desk.compare(state, log.read_bytes()) == desk.Compared(2, (1,), (2,))
    said = nabij("location", "compare", log, "--state", state)
    assert said.returncode == 1
    assert "INCIDENT 1: the keeper opened it" in said.stdout
    assert "INCIDENT 2: the audit says so" in said.stdout
