"""Incidents at a live alarm centre: each in order, once, whatever becomes of road and receiver."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from pysiaalarm.event import SIAEvent

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.database import duties
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.handover import arcs, handover, messages, rows
from nabij.centre.handover.handover import Handover
from nabij.centre.handover.rows import State
from nabij.centre.incidents import links, own_incident, places
from nabij.centre.incidents.places import Position
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World, message
from tests.host.centre.desk import Desk
from tests.host.centre.handover.handing import Centre
from tests.host.centre.handover.live_arc import HARM, KEYS, accounts, live_arc, road
from tests.waiting import wait_until

CODES = {kinds.SOS: "HA", kinds.MAN_DOWN: "MA", kinds.FLIGHT: "PA"}


@pytest.fixture
def centre(world: World, monkeypatch: pytest.MonkeyPatch) -> Centre:
    monkeypatch.setattr("nabij.centre.handover.line.ANSWER_S", 0.3)
    monkeypatch.setattr("nabij.centre.handover.rows.RETRY_MS", (50,))
    return Centre(world)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("key", KEYS, ids=("plain", "aes128", "aes192", "aes256"))
def test_what_happens_arrives_in_order(centre: Centre, key: str) -> None:
    with live_arc(accounts("1234", key=key)) as arc:
        centre.told_of(arc.port, key=key)
        for seq, kind in enumerate((kinds.SOS, kinds.MAN_DOWN, kinds.FLIGHT), start=1):
            centre.press(seq, kind)
        with centre.at_work():
            wait_until(centre.all_done)
        assert arc.of("1234") == [("0001", "HA"), ("0002", "MA"), ("0003", "PA")]
        assert centre.states() == ["acknowledged"] * 3
        assert arc.counts.events == arc.counts.valid_events
    assert centre.said == []


@pytest.mark.parametrize("seed", range(3))
def test_a_road_that_drops_cuts_delays_and_doubles_costs_no_event(
    centre: Centre, seed: int
) -> None:
    hostile(centre, seed, events=40)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_thousand_events_on_such_a_road(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile(centre, 77, events=10_000, share=0.1)


def hostile(centre: Centre, seed: int, *, events: int, share: float = 0.4) -> None:
    """Each event is there, in order; what came twice came with its number and its body."""
    with live_arc(accounts("1234")) as arc, road(arc.port, seed, share) as way:
        centre.told_of(way.port)
        kinds_sent = [tuple(CODES)[at % 3] for at in range(events)]
        for seq, kind in enumerate(kinds_sent, start=1):
            centre.press(seq, kind)
        with centre.at_work():
            wait_until(centre.all_done, 60.0 + events)
        assert set(way.done) >= set(HARM)
        came = arc.of("1234")
    wanted = [
        (f"{(at - 1) % 9999 + 1:04d}", CODES[kind]) for at, kind in enumerate(kinds_sent, start=1)
    ]
    without_doubles = [one for at, one in enumerate(came) if at == 0 or came[at - 1] != one]
    assert without_doubles == wanted
    assert centre.states() == ["acknowledged"] * events


def test_whoever_dies_at_any_step_skips_nothing(centre: Centre) -> None:
    """Between commit, sending, answer and commit: the same frame comes again, or it does not."""
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        for seq in range(1, 21):
            centre.press(seq)
            # Heard by one that ends before it says so, and by the next again.
            centre.handing().hear(centre.world.told[-1])
            with centre.at_work():
                threading.Event().wait(0.005 * (seq % 7))
            centre.world.restart()
        with centre.at_work():
            wait_until(centre.all_done)
        came = arc.of("1234")
    assert [one for at, one in enumerate(came) if at == 0 or came[at - 1] != one] == [
        (f"{seq:04d}", "HA") for seq in range(1, 21)
    ]


@pytest.mark.parametrize("ahead_ms", [3_600_000, 365 * 86_400_000], ids=["hour", "year"])
def test_a_clock_that_is_set_back_holds_up_nothing(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, ahead_ms: int
) -> None:
    monkeypatch.setattr("nabij.centre.handover.rows.RETRY_MS", (60_000,))
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        arc.down()
        centre.press(1)
        with centre.at_work(ahead_ms):
            wait_until(lambda: centre.tries() == [1])
        arc.up(accounts("1234"))
        with centre.at_work():
            wait_until(centre.all_done)
        assert arc.of("1234") == [("0001", "HA")]


def test_the_back_up_takes_over_and_the_primary_takes_back(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.handover.route.RETURN_S", 0.5)
    with live_arc(accounts("1234")) as first, live_arc(accounts("1234")) as second:
        centre.told_of(first.port, second.port)
        first.down()
        centre.press(1)
        with centre.at_work() as handing:
            wait_until(centre.all_done)
            assert second.of("1234") == [("0001", "HA")]
            first.up(accounts("1234"))
            wait_until(lambda: first.counts.events > 0)
            centre.press(2)
            handing.hear(centre.world.told[-1])
            wait_until(lambda: first.of("1234") == [("0002", "HA")])
        found = centre.world.store.read(lambda one: rows.newest(one, 2))
        assert [row.answered_by for row in found] == [
            f"127.0.0.1:{second.port}",
            f"127.0.0.1:{first.port}",
        ]


def test_a_silent_centre_is_told_of_in_capitals_and_what_waits_arrives(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.handover.handover.SILENT_S", 0.2)
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        arc.down()
        centre.press(1)
        with centre.at_work():
            wait_until(lambda: any("ALARM CENTRE TAKES NOTHING" in one for one in centre.said))
            arc.up(accounts("1234"))
            wait_until(centre.all_done)
            wait_until(lambda: centre.said[-1].startswith("Incidents are handed over again"))
        assert arc.of("1234") == [("0001", "HA")]


def test_a_key_that_is_not_that_of_the_centre_is_told_too(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers, and takes nothing."""
    monkeypatch.setattr("nabij.centre.handover.handover.SILENT_S", 0.2)
    with live_arc(accounts("1234", key=KEYS[1])) as arc:
        centre.told_of(arc.port, key=KEYS[1][::-1])
        centre.press(1)
        with centre.at_work():
            wait_until(lambda: any("ALARM CENTRE TAKES NOTHING" in one for one in centre.said))
        assert centre.states() == ["waiting"]


@pytest.mark.requirement("R25")
@pytest.mark.parametrize("ahead_ms", [-3_600_000, 3_600_000, -365 * 86_400_000])
def test_a_clock_that_is_off_is_taken_from_the_centre(centre: Centre, ahead_ms: int) -> None:
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        centre.press(1)
        with centre.at_work(ahead_ms):
            wait_until(centre.all_done)
        assert arc.of("1234") == [("0001", "HA")]
        assert arc.counts.error_timestamp == 1


@pytest.mark.requirement("R25")
def test_an_event_that_a_centre_does_not_know_is_told_by_another_code(centre: Centre) -> None:
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port, more='[arcs.north.codes.sos]\nsia = "QQ"')
        centre.press(1)
        with centre.at_work():
            wait_until(centre.all_done)
        assert arc.of("1234") == [("0002", "QA")]
        assert centre.states() == ["acknowledged"]
        centre.told_of(
            arc.port,
            more='[arcs.north.codes.sos]\nsia = "QQ"\n[arcs.north.codes.fallback]\nsia = "QW"',
        )
        centre.press(2)
        with centre.at_work():
            wait_until(centre.all_done)
        assert centre.states() == ["acknowledged", str(State.REFUSED)]
        assert any("TAKES NO EVENT" in one for one in centre.said)


@pytest.mark.parametrize("protocol", ["sia-dcs", "adm-cid"])
def test_a_drill_is_no_alarm_at_a_live_centre_that_knows_no_tests_either(
    centre: Centre, protocol: str
) -> None:
    unknown = 'sia = "QQ"\nrestore = "QW"\ncid = 199'
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port, more=f'protocol = "{protocol}"')
        now = centre.world.clock.now()
        begun = centre.world.store.write(
            lambda one: own_incident.practise(one, "anna", now, "J. Smit")
        )
        centre.world.tell(begun[1])
        with centre.at_work():
            wait_until(centre.all_done)
        assert [code for _seq, code in arc.of("1234")] == ["RX"]
        if protocol == "adm-cid":
            # pysiaalarm answers ACK to any number.
            return
        assert "TEST SOS" in str(arc.events[-1].extended_data)
        centre.told_of(arc.port, more=f"[arcs.north.codes.test]\n{unknown}")
        centre.world.take(message(kind=kinds.SOS, flags=wire.FLAG_TEST))
        with centre.at_work():
            wait_until(centre.all_done)
        assert len(arc.of("1234")) == 1
        assert any("TAKES NO EVENT test" in one for one in centre.said)


def test_a_position_that_somebody_noted_is_at_the_centre_with_what_comes_next(
    centre: Centre,
) -> None:
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        centre.press(1)
        incident = centre.world.incident()
        assert incident is not None
        with centre.at_work():
            wait_until(centre.all_done)
        where = Position(1, 520_116_000, 43_571_000, 20, 1, "J. Smit")
        centre.world.store.write(lambda one: places.note_position(one, incident.id, where))
        centre.world.take(message(rev=2, kind=kinds.SOS, flags=wire.FLAG_DURESS))
        with centre.at_work():
            wait_until(centre.all_done)
        blocks = [
            {one.identifier: one.value for one in event.extended_data or ()}
            for event in arc.events
        ]
        assert "X" not in blocks[0]
        assert (blocks[1]["X"], blocks[1]["Y"]) == ("004E21.4260", "52N00.6960")


@pytest.mark.parametrize("key", KEYS[:2], ids=("plain", "aes128"))
def test_an_alarm_carries_a_link_that_opens_it_from_the_answer_on(
    centre: Centre, key: str
) -> None:
    with live_arc(accounts("1234", key=key)) as arc:
        centre.told_of(arc.port, key=key, more='link = "https://alarm.example.org/"')
        centre.press(1)
        incident = centre.world.incident()
        assert incident is not None
        centre.world.take(message(seq=2, kind=kinds.SOS, flags=wire.FLAG_TEST))
        before_ms = time.time_ns() // 1_000_000
        with centre.at_work():
            wait_until(centre.all_done)
            # Heard once more, as after a crash: one message, and one link.
            centre.handing().hear(centre.world.told[0])
        assert arc.counts.events == arc.counts.valid_events == 2
        found = [sent_link(event) for event in arc.events]
        assert found[0].startswith("https://alarm.example.org/i/")
        # Of a test there is nothing to act upon.
        assert found[1] == ""
        token = found[0].rpartition("/")[2]
        link = centre.world.store.read(lambda one: links.find(one, token))
        assert link is not None
        assert (link.incident_id, link.whom) == (incident.id, "north")
        assert 0 <= link.until_ms - links.LASTS_MS - before_ms < 60_000
        assert len(centre.world.store.read(lambda one: links.of(one, incident.id))) == 1
        # It stands nowhere here any more.
        sent = centre.world.store.read(lambda one: rows.of_incident(one, incident.id))
        assert not any(token in block for row in sent for block in row.message.extended)


def sent_link(event: SIAEvent) -> str:
    """The address in a frame, as a centre reads it: pysiaalarm 3.2 knows no V yet."""
    line = str(event.full_message) if event.full_message else ""
    content = str(event.content or "") + str(event.x_data or "") + line
    return content.partition("[V")[2].partition("]")[0]


def test_an_account_that_a_centre_does_not_know_holds_up_no_other(centre: Centre) -> None:
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port)
        text = (
            f'[arcs.north]\naddresses = ["127.0.0.1:{arc.port}"]\naccount = "1234"\n'
            '[arcs.north.badges]\nanna = { zone = 7, account = "999" }\nbert = 1\n'
        )
        kept = arcs.read(text, {})
        centre.world.store.write(lambda one: rows.replace_arcs(one, kept, 1))
        centre.press(1)
        for_1234 = messages.test_message(kept[0], 1, "J. Smit")
        with centre.at_work():
            centre.world.store.write(lambda one: rows.add(one, kept[0], for_1234, 1))
            wait_until(lambda: arc.of("1234") == [("0001", "RX")])
        assert centre.states() == ["waiting", "acknowledged"]


def test_a_path_shows_that_it_is_there(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    with live_arc(accounts("1234")) as arc:
        centre.told_of(arc.port, more="supervision = 10")
        monkeypatch.setattr("nabij.centre.handover.route.PULSE_SHARE", 0.02)
        with centre.at_work():
            wait_until(lambda: arc.counts.events >= 3)
        assert arc.of("1234") == []
        assert arc.counts.events == arc.counts.valid_events


@pytest.mark.requirement("R18")
def test_a_press_reaches_the_centre_by_broker_and_receiver(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    handing = Handover(desk.receiver, desk.said.put)
    desk.receiver.listen(handover.NAME, handing.hear)
    desk.receiver.attach(handing)
    desk.receiver.recur(lambda _receiver: handing.job())
    with live_arc(accounts("1234")) as arc, desk.receiver as receiver:
        text = (
            f'[arcs.north]\naddresses = ["127.0.0.1:{arc.port}"]\naccount = "1234"\n'
            "[arcs.north.badges]\nanna = 7\n"
        )
        receiver.store.write(lambda one: rows.replace_arcs(one, arcs.read(text, {}), 1))
        badge = desk.badge("anna")
        badge.connect()
        badge.send(1, kind=kinds.SOS)
        wait_until(lambda: arc.of("1234") == [("0001", "HA")])
        badge.close()


@pytest.mark.parametrize("each_engine", ["postgresql"], indirect=True)
def test_who_lost_its_database_for_a_moment_leaves_the_sending_to_the_other(
    each_engine: str, centre: Centre, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of two receivers: with both at it, each frame went out twice, in whatever order."""
    world, events = centre.world, 12
    paths = StatePaths(world.folder)
    world.store.close()
    world.store = Store(paths, use=Use.SEVERAL)
    elsewhere = StatePaths(tmp_path_factory.mktemp("other"))
    url = place_of(paths).where
    assert isinstance(url, sa.URL)
    address = url.render_as_string(hide_password=False)
    other_store = Store(elsewhere, address, Use.SEVERAL)
    other = Centre(world)
    other.own_store = other_store
    with live_arc(accounts("1234")) as arc, road(arc.port, 5, 0.0) as way:
        way.delay_s = 0.15
        centre.told_of(way.port)
        for seq in range(1, events + 1):
            centre.press(seq)
        with centre.at_work():
            wait_until(lambda: len(arc.of("1234")) >= 2)
            end_session(world.store, other_store)
            with other.at_work():
                wait_until(other.all_done)
        came = arc.of("1234")
    other_store.close()
    once = [one for at, one in enumerate(came) if at == 0 or came[at - 1] != one]
    assert once == [(f"{seq:04d}", "HA") for seq in range(1, events + 1)]
    # The one that was on its way, and no more.
    assert len(came) <= events + 1


def end_session(first: Store, second: Store) -> None:
    """The database ends the session of the first, and the duty is the second's at once."""
    pid = first.read(lambda one: one.scalar(sa.text("SELECT pg_backend_pid()")))
    ended = sa.text("SELECT pg_terminate_backend(:pid)")
    second.write(lambda one: one.execute(ended, {"pid": pid}))
    wait_until(lambda: second.has_duty(duties.HANDOVER), 5)
