"""`nabij incident` beside a running receiver and without one."""

import json
import shlex
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from badge.core.codec import wire
from badge.core.codec.place import SATELLITES, Cell, Position
from nabij.centre import operator as centre
from nabij.centre.database.events import TERMINAL
from nabij.centre.incidents.handling import ActionRefusedError
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests import transcripts
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.desk import Desk, changed
from tests.host.centre.served import Served

BY = ("--by", "J. Smit")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    for badge in ("anna", "bert"):
        enrol(tmp_path, badge, wearer=badge.title())
    return Desk(tmp_path)


def incident(desk: Desk, *arguments: object, code: int = 0) -> Result:
    words = [str(one) for one in (*arguments, "--state", desk.state)]
    done = CliRunner().invoke(app, ["incident", *words])
    assert done.exit_code == code, done.stdout + done.stderr
    return done


def state_of(desk: Desk, which: int) -> str:
    [found] = json.loads(incident(desk, "list", which, "--json").stdout)["incidents"]
    return str(found["state_name"])


def next_state(badge: BadgeClient, seq: int) -> int | None:
    status = badge.wait_status(seq, LONG_S)
    return None if status is None else int(status.state)


def test_where_the_badge_is_stands_with_the_incident(desk: Desk) -> None:
    here = Position(520066700, 43555600, 40, 180, SATELLITES)
    with desk.receiver:
        badge = desk.badge("anna")
        badge.connect()
        badge.send(1, position=here, cell=Cell(204, 8, 4101, 77, -101))
        assert next_state(badge, 1) == wire.STATUS_RECEIVED
        badge.close()
        lines = incident(desk, "list").stdout.splitlines()
        [found] = json.loads(incident(desk, "list", "--json").stdout)["incidents"]
    assert lines[1].startswith("  where: within 40 m of 52.00667, 4.35556, 3 min ")
    assert lines[1].endswith(" ago, by satellite")
    assert lines[2].endswith("by cell 204-08 tac 4101 ci 77, which is not in the table, -101 dBm")
    assert found["where"]["best"]["accuracy_m"] == 40


def test_the_walk_of_the_receivers_page(tmp_path: Path) -> None:
    enrol(tmp_path, "nb-0007", wearer="A. de Vries")
    desk = Desk(tmp_path)
    with desk.receiver:
        badge = desk.badge("nb-0007")
        badge.connect()
        badge.send(1, rev=1)
        assert next_state(badge, 1) == wire.STATUS_RECEIVED
        for command in transcripts.commands("receiver.md"):
            words = [str(tmp_path) if one == "receiver" else one for one in shlex.split(command)]
            done = CliRunner().invoke(app, words[1:])
            assert done.exit_code == 0, done.output
            transcripts.check("receiver.md", command, done.stdout)


@pytest.mark.requirement("R09")
def test_beside_a_running_receiver_the_badge_is_told_each_step_at_once(desk: Desk) -> None:
    told: list[tuple[str, str]] = []
    desk.receiver.listen("test", changed(lambda one: told.append((one.what, one.by))))
    with desk.receiver:
        anna = desk.badge("anna")
        anna.connect()
        anna.send(1, rev=1)
        assert next_state(anna, 1) == wire.STATUS_RECEIVED
        said = incident(desk, "take", *BY, "--note", "Calling.").stdout
        assert said == "Incident 1, Anna (badge anna): taken. The badge is told.\n"
        assert next_state(anna, 1) == wire.STATUS_TAKEN
        incident(desk, "help", 1, *BY)
        assert next_state(anna, 1) == wire.STATUS_HELP_COMING
        closed = json.loads(incident(desk, "close", 1, *BY, "--json").stdout)
        assert (closed["state_name"], closed["served"]) == ("closed", True)
        assert [action["note"] for action in closed["actions"]] == ["Calling.", "", ""]
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        # A copy that comes late is answered with how it stands.
        anna.send(1, rev=1, attempt=2)
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        anna.close()
        assert incident(desk, "list").stdout == "No incident is open.\n"
        assert " by J. Smit: Calling." in incident(desk, "list", "--all").stdout
    assert told == [("taken", "J. Smit"), ("help_coming", "J. Smit"), ("closed", "J. Smit")]
    assert list(StatePaths(desk.state).requests.iterdir()) == []


def test_a_badge_that_was_away_is_told_when_it_comes_back(desk: Desk) -> None:
    with desk.receiver:
        # With older firmware, for which the broker keeps it; others ask for it.
        anna = desk.badge("anna", older=True)
        anna.insist(1)
        anna.close()
        incident(desk, "take", 1)
        incident(desk, "close", 1, *BY)
        anna.connect()
        # How it stands now, which is all that its wearer needs, be it after what was on its way.
        while (state := next_state(anna, 1)) in {wire.STATUS_RECEIVED, wire.STATUS_TAKEN}:
            pass
        assert state == wire.STATUS_CLOSED
        anna.close()


@pytest.mark.requirement("R09")
def test_without_a_receiver_it_is_kept_and_told_at_its_next_start(desk: Desk) -> None:
    with desk.receiver:
        anna = desk.badge("anna")
        anna.insist(1)
        anna.close()
    said = incident(desk, "close", *BY).stdout
    assert said.endswith("No receiver runs: the badge is told once `nabij serve` does.\n")
    again = Desk(desk.state)
    told: list[str] = []
    again.receiver.listen(TERMINAL, changed(lambda one: told.append(one.sentence())))
    with again.receiver:
        anna = again.badge("anna")
        anna.connect()
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        anna.close()
    assert told == ["Incident 1, Anna (badge anna): closed by J. Smit."]


def test_a_badge_that_connects_anew_is_told_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its session at the broker may be lost, and the badge must not keep its alarm for ever."""
    monkeypatch.setattr("nabij.centre.service.LOOK_EVERY_S", 0.2)
    with desk.receiver:
        anna = desk.badge("anna")
        anna.insist(1)
        incident(desk, "close", 1, *BY)
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        anna.close()
        time.sleep(0.5)
        while anna.wait_status(1, 0.1) is not None:
            pass
        anna.connect()
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        anna.close()


def test_what_cannot_be_is_one_sentence_and_an_exit_code(desk: Desk) -> None:
    """The same beside a running receiver as without one."""

    def refused(*arguments: object, code: int, words: str) -> None:
        done = incident(desk, *arguments, code=code)
        assert words in done.stderr
        assert done.stderr.endswith(".\n")
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""

    def all_of_them() -> None:
        refused("take", 9, code=2, words="There is no incident 9")
        refused("list", 9, code=2, words="There is no incident 9")
        refused("take", 1, code=1, words="only moves forward")
        refused("close", 2, code=2, words="--by")
        refused("close", 2, "--by", "x" * 101, code=2, words="100 characters")
        refused("take", code=2, words="2 incidents are open (1, 2)")

    with desk.receiver:
        anna = desk.badge("anna")
        anna.insist(1)
        anna.insist(2)
        anna.close()
        incident(desk, "take", 1)
        all_of_them()
    all_of_them()
    incident(desk, "close", 1, *BY)
    refused("help", 1, code=1, words="closed already")
    incident(desk, "close", *BY)
    refused("close", *BY, code=1, words="No incident is open")
    desk.state = desk.state / "none"
    refused("list", code=2, words="There is no receiver in")


def test_a_request_that_is_not_taken_in_is_kept_and_said(desk: Desk) -> None:
    """Something holds the folder that takes nothing in: it waits for the next start."""
    with desk.receiver:
        desk.badge("anna").insist(1)
    holder = Store(StatePaths(desk.state))
    with pytest.raises(NabijError, match="keeps it and does so later"):
        centre.take_action(desk.state, 1, wire.STATUS_TAKEN, wait_s=0.3)
    holder.close()
    with Receiver(desk.state, port=desk.port, say=lambda _sentence: None):
        with pytest.raises(ActionRefusedError, match="already"):
            centre.take_action(desk.state, 1, wire.STATUS_TAKEN)
        assert len(centre.incident(desk.state, 1).actions) == 1


def test_forced_wearers_badge_is_told_the_receipt_and_the_end(desk: Desk) -> None:
    forced = wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS
    with desk.receiver:
        anna = desk.badge("anna")
        anna.connect()
        anna.send(1, rev=1)
        anna.send(1, rev=2, flags=forced)
        assert [next_state(anna, 1) for _ in range(2)] == [wire.STATUS_RECEIVED] * 2
        said = incident(desk, "take", 1).stdout
        assert "Under duress the badge is told only that it was received." in said
        assert next_state(anna, 1) == wire.STATUS_RECEIVED
        incident(desk, "help", 1)
        assert next_state(anna, 1) == wire.STATUS_RECEIVED
        incident(desk, "close", 1, *BY)
        assert next_state(anna, 1) == wire.STATUS_CLOSED
        anna.close()


def test_serve_prints_what_was_done(desk: Desk) -> None:
    """Two processes, as people run them."""
    served = Served(desk.state)
    served.line()
    served.alarm("anna", 1)
    served.line()
    before: dict[str, Any] = json.loads(incident(desk, "take", *BY, "--json").stdout)
    assert before["served"] is True
    assert served.line() == "Incident 1, Anna (badge anna): taken by J. Smit.\n"
    assert state_of(desk, 1) == "taken"
    assert served.end(signal.SIGTERM)[0] == 0
    assert state_of(desk, 1) == "taken"
