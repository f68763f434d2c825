"""A badge with two addresses and two real brokers: whatever the first does, the alarm arrives."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from nabij.centre.link.broker import Broker
from nabij.centre.link.broker_config import write_users
from nabij.centre.register.enrol import with_addresses
from nabij.centre.register.pki import Authority
from nabij.centre.service import Receiver
from nabij.event_lines import LoggedEvent, parse_event
from nabij.paths import StatePaths, make_folder
from nabij.virtual.badge import Line, Scenario, VirtualBadge, run_fast
from tests.ports import free_port
from tests.sim.lives import said
from tests.worlds import BADGE, Site, make_site

WAIT_S = 60.0
YOUNG_APART_MS = 15_000
SWITCHED_APART_MS = 27_000


@dataclass(frozen=True)
class Two:
    """A badge that is told of `first`, where a test puts what it wants, and of the receiver."""

    first: int
    receiver: Receiver
    site: Site
    folder: Path

    def badge(self) -> VirtualBadge:
        scenario = Scenario(
            mode="live",
            provision=self.site.provision,
            stalls="off",
            modem={"rtt_ms": 50, "register_ms": 100, "boot_ms": 100},
        )
        return VirtualBadge(scenario, self.folder / "badge")

    def broker(self) -> Broker:
        """A broker that takes what the badge sends, and no receiver behind it."""
        paths = StatePaths(self.folder / "other")
        make_folder(paths.broker)
        shutil.copytree(self.receiver.paths.pki, paths.pki)
        authority = Authority.open(paths.pki)
        subjects = (authority.ensure_receiver(), authority.ensure_observer())
        badges = {one.badge: one.subject for one in self.receiver.store.badges()}
        write_users(paths, *subjects, badges)
        return Broker(paths, authority, port=self.first)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    first, second = free_port(), free_port()
    site = make_site(tmp_path, port=first)
    settings = {"retry_first_ms": 500, "shift_test": False}
    settings = with_addresses(settings, [f"localhost:{second}"])
    (site.provision / "config.json").write_text(json.dumps(settings))
    receiver = Receiver(site.state, port=second, say=lambda _sentence: None)
    with receiver:
        yield Two(first, receiver, site, tmp_path)


def events(badge: VirtualBadge, *names: str) -> list[LoggedEvent]:
    found = [event for line in badge.seen if (event := parse_event(line.text)) is not None]
    return [event for event in found if event.what in names]


def wait(badge: VirtualBadge, what: str, **fields: object) -> None:
    def is_it(line: Line) -> bool:
        event = parse_event(line.text)
        return (
            event is not None
            and event.what == what
            and all(event.fields.get(name) == str(value) for name, value in fields.items())
        )

    badge.wait_for(is_it, WAIT_S)


def link(badge: VirtualBadge) -> list[str]:
    """What became of each call: the port where it was taken, or the code of the failure."""
    found = events(badge, "link.up", "link.down")
    return [event.fields.get("port") or event.fields["code"] for event in found]


def assert_received_once(two: Two) -> None:
    assert [(one.badge, one.seq) for one in two.receiver.store.incidents()] == [(BADGE, 1)]


@pytest.mark.requirement("R09")
def test_where_nobody_listens_the_next_is_called_and_remembered_over_a_restart(two: Two) -> None:
    with two.badge() as badge:
        wait(badge, "link.up", port=two.receiver.port)
        badge.press(1600)
        wait(badge, "alarm.status", state="RECEIVED")
        for _ in badge.lines(1.5):
            pass
        assert link(badge) == ["modem.open", str(two.receiver.port)]
    with two.badge() as badge:
        wait(badge, "link.up", port=two.receiver.port)
        assert link(badge) == [str(two.receiver.port)]
    assert_received_once(two)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("more", ["", "b.example.org c.example.org"])
@pytest.mark.parametrize("remote", [{"mute": True}, {"ignore_connects": 999}])
def test_while_an_alarm_is_young_silent_addresses_are_called_in_quick_turns(
    tmp_path: Path, more: str, remote: dict[str, object]
) -> None:
    """The first three minutes, after which the modem is switched off and on.

    No answer to the call itself is something that the modem waits for, and takes no command.
    """
    called = calls_ms(tmp_path, more, remote=remote)
    assert len(called) >= 12
    assert max(b - a for a, b in pairwise(called)) <= YOUNG_APART_MS


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("more", ["", "b.example.org c.example.org"])
def test_a_modem_that_waits_for_a_silent_address_for_ever_is_switched_off_and_on(
    tmp_path: Path, more: str
) -> None:
    """What it takes is the modem's: the key twice, its start and the network."""
    called = calls_ms(tmp_path, more, gives_up_ms=10_000_000, remote={"ignore_connects": 999})
    assert len(called) >= 6
    assert max(b - a for a, b in pairwise(called)) <= SWITCHED_APART_MS


def calls_ms(folder: Path, more: str, **modem: object) -> list[int]:
    """When the badge called, with an alarm that is never received."""
    site = make_site(folder)
    settings = {"more_addresses": more, "shift_test": False}
    scenario = Scenario(
        duration_ms=185_000,
        provision=site.provision_with(folder / "provision", settings),
        modem=site.modem(**modem),
        events=[{"at_ms": 10_000, "do": "press", "ms": 1700}],
    )
    return [one.ticks_ms for one in said(run_fast(scenario), "modem.ready")]


@pytest.mark.requirement("R09")
def test_who_takes_the_connection_and_is_silent_keeps_an_alarm_for_seconds_only(two: Two) -> None:
    with socket.create_server(("localhost", two.first)), two.badge() as badge:
        badge.press(1600)
        wait(badge, "alarm.status", state="RECEIVED")
        called = [event.ticks_ms for event in events(badge, "modem.ready")]
        assert link(badge) == ["link.timeout", str(two.receiver.port)]
        assert called[1] - called[0] <= YOUNG_APART_MS
    assert_received_once(two)


@pytest.mark.requirement("R09")
def test_a_broker_without_a_receiver_gets_a_new_session_and_then_the_next_is_called(
    two: Two,
) -> None:
    """Three tries are acknowledged there, and three more in the new session."""
    broker = two.broker()
    broker.start()
    try:
        with two.badge() as badge:
            wait(badge, "link.up", port=two.first)
            badge.press(1600)
            wait(badge, "alarm.status", state="RECEIVED")
            first = str(two.first)
            silent = "link.silent"
            assert link(badge) == [first, silent, first, silent, str(two.receiver.port)]
            sent = [event.ticks_ms for event in events(badge, "alarm.sending")]
    finally:
        broker.stop()
    assert len(sent) == 7
    assert max(b - a for a, b in pairwise(sent)) <= YOUNG_APART_MS
    assert_received_once(two)


@pytest.mark.requirement("R09")
def test_a_broker_that_dies_while_an_alarm_is_open_is_left_for_the_other(two: Two) -> None:
    broker = two.broker()
    broker.start()
    pid = broker.pid
    assert pid is not None
    try:
        with two.badge() as badge:
            wait(badge, "link.up", port=two.first)
            os.kill(pid, signal.SIGSTOP)
            badge.press(1600)
            wait(badge, "alarm.sending", attempt=1)
            broker.restart()
            wait(badge, "alarm.status", state="RECEIVED")
            wait(badge, "haptic", pattern="RECEIVED")
            assert link(badge)[0] == str(two.first)
            assert link(badge)[-1] == str(two.receiver.port)
    finally:
        broker.stop()
    assert_received_once(two)
