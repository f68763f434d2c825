"""A fleet of light badges: all connect, say hello, and have their receipts."""

import resource
from pathlib import Path

import pytest

from nabij.centre.register.enrol import enrol_many
from nabij.errors import UsageError
from nabij.virtual import fleet
from nabij.virtual.fleet import Fleet
from tests.host.centre.desk import Desk
from tests.host.centre.served import nabij
from tests.waiting import wait_until


def test_all_connect_and_have_the_receipts_of_their_tests(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with desk.receiver:
        names = [f"fleet-{number}" for number in range(12)]
        identities = enrol_many(tmp_path, names)
        fleet.wait_until_let_in(identities[-1], "localhost", desk.port)
        with Fleet(identities, "localhost", desk.port, desk.receiver.broker.pid) as them:
            them.connect()
            wait_until(lambda: all(desk.receiver.intake.asks(name) for name in names))
            them.raise_tests(100.0)
            found = them.figures
        assert (found.refused, found.lost, found.alarms, found.receipts) == (0, 0, 12, 12)
        assert {one.badge for one in desk.receiver.store.incidents()} == set(names)
        assert all(one.test for one in desk.receiver.store.incidents())
    text = " ".join(fleet.lines(found))
    assert "12 of 12 badges connected" in text
    assert "12 of 12 test alarms have their receipt" in text
    assert "LOST" not in text


def test_a_connection_that_is_lost_and_a_badge_that_is_refused_are_counted(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "one")
    stranger = enrol_many(tmp_path / "two", ["stranger"])
    with desk.receiver:
        identities = enrol_many(desk.state, ["anna", "bert"])
        fleet.wait_until_let_in(identities[-1], "localhost", desk.port)
        with Fleet([*identities, *stranger], "localhost", desk.port) as them:
            them.connect()
            assert them.figures.refused == 1
            them.badges[0].socket.close()
            them.raise_tests(100.0)
            assert (them.figures.lost, them.figures.receipts) == (1, 1)
    assert "1 CONNECTIONS WERE LOST" in " ".join(fleet.lines(them.figures))


def test_more_than_the_system_lets_a_process_open_is_refused_in_a_sentence() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        pytest.skip("this user may open any number of files")
    with pytest.raises(UsageError, match=r"too few for .* badges: give a smaller --fleet"):
        fleet.allow(hard)


def test_the_command_refuses_what_is_for_one_badge_and_where_no_receiver_is(
    tmp_path: Path,
) -> None:
    for more, words in (
        (["--state", str(tmp_path), "--facts"], "leave out what is for one virtual badge"),
        ([], "There is no receiver in"),
        (["--state", str(tmp_path)], "There is no receiver in"),
    ):
        found = nabij("sim", "--fleet", "3", *more)
        assert found.returncode == 2
        assert words in " ".join(found.stderr.split())


def test_badges_that_are_enrolled_already_are_named(tmp_path: Path) -> None:
    enrol_many(tmp_path, ["anna", "bert"])
    with pytest.raises(UsageError, match=r"1 of these badges are enrolled already, bert among"):
        enrol_many(tmp_path, ["Bert", "carl"])
