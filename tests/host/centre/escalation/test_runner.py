"""People are called in turn, whatever channel hangs, until somebody has the alarm."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import BATTERY, MAN_DOWN, SOS
from badge.core.codec import wire
from badge.core.codec.place import SATELLITES, Cell, Position
from nabij.centre.escalation import outbox, plan_file, plan_rows
from nabij.centre.escalation.outbox import PATIENCE_MS, RETRY_MS
from nabij.centre.escalation.runner import Escalation
from nabij.centre.incidents import claims
from nabij.centre.incidents.claims import Wanted
from nabij.centre.incidents.merge import What
from nabij.centre.notify.sender import Message, Outcome, Sender
from nabij.paths import StatePaths
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World, message
from tests.host.centre.escalation.rig import Mail, Rig, State, Webhook, plan, silent_port

pytestmark = pytest.mark.usefixtures("each_engine")

TAKEN, CLOSED = wire.STATUS_TAKEN, wire.STATUS_CLOSED
SECOND = '{ after_s = 60, whom = "jansen" }'
INFORMED = '{ after_s = 60, whom = "jansen", until = "closed" }'
LAST = 'after_s = 120, whom = "desk", repeat_min = 5'


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


def three(hook: Webhook, second: str = SECOND, **first: str) -> str:
    people = {
        "smit": first or {"sms": hook.url("smit")},
        "jansen": {"push": hook.url("jansen")},
        "desk": {"phone": hook.url("desk")},
    }
    return plan(people, f'{{ after_s = 0, whom = "smit" }}, {second}', LAST)


def alarm(rig: Rig, **fields: int) -> None:
    rig.world.take(message(**{"kind": SOS, **fields}))
    rig.happens()
    rig.settle()


def takes(rig: Rig, who: str, minutes: int = 15) -> None:
    incident = rig.world.incident()
    assert incident is not None
    at_ms = rig.world.clock.now().wall_ms
    wanted = Wanted(f"{who}-{at_ms}", incident.id, who, at_ms, minutes * 60_000)
    news = rig.world.store.write(lambda one: claims.take(one, wanted))
    for one in news:
        rig.world.tell(one)
    rig.happens()


def test_who_is_called_reads_where_they_are_and_what_is_a_hint(
    world: World, hook: Webhook
) -> None:
    here = Position(520066700, 43555600, 40, 180, SATELLITES)
    with Rig(world, three(hook)) as rig:
        world.take(message(kind=SOS, position=here, cell=Cell(204, 8, 1, 2, -99)))
        rig.happens()
        rig.settle()
        [sent] = hook.got
    assert "Where: within 40 m of 52.00667, 4.35556, 3 min " in sent["message"]
    assert "Where: hint, " in sent["message"]
    assert "by cell 204-08 tac 1 ci 2, which is not in the table, -99 dBm." in sent["message"]


@pytest.mark.parametrize("set_s", [-5 * 3600, 5 * 3600])
def test_a_clock_that_is_set_calls_nobody_later_or_sooner(
    world: World, hook: Webhook, set_s: int
) -> None:
    def is_set() -> None:
        world.clock.set_forward(set_s)
        world.store.mark_alive(world.clock.now(), set_s * 1000)

    with Rig(world, three(hook)) as rig:
        alarm(rig)
        is_set()
        rig.wait(59)
        assert hook.paths() == ["/smit"]
        rig.wait(1)
        assert hook.paths() == ["/smit", "/jansen"]
        takes(rig, "Jansen")
        is_set()
        world.clock.wait(899)
        assert not world.store.write(lambda one: claims.expire(one, world.clock.now().wall_ms))
        world.clock.wait(2)
        assert world.store.write(lambda one: claims.expire(one, world.clock.now().wall_ms))


def test_people_are_called_in_turn_until_somebody_has_it(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig)
        assert hook.paths() == ["/smit"]
        [sent] = hook.got
        assert sent["title"] == "SOS: A. de Vries"
        assert "do not call them before you know" in sent["message"]
        assert "https://alarm.example.org/answer/" in sent["message"]
        rig.wait(59)
        assert hook.paths() == ["/smit"]
        rig.wait(1)
        assert hook.paths() == ["/smit", "/jansen"]
        takes(rig, "Jansen")
        rig.wait(600)
        assert hook.paths() == ["/smit", "/jansen"]
        # What Jansen took and let lie is everybody's again, from the beginning.
        world.clock.wait(301)
        for news in world.store.write(lambda one: claims.expire(one, world.clock.now().wall_ms)):
            world.tell(news)
        rig.happens()
        rig.settle()
        assert hook.paths() == ["/smit", "/jansen", "/smit"]


def test_with_the_incident_dies_all_that_was_to_be_told(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig)
        world.centre(world.incident(), CLOSED)
        rig.wait(3600)
        assert hook.paths() == ["/smit"]
        assert set(rig.states()) == {State.SENT, State.OVER}


@on_sqlite
def test_nobody_is_woken_for_what_somebody_has(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook)) as rig:
        world.take(message(kind=SOS))
        takes(rig, "Smit")
        for _ in range(3):
            rig.wait(120)
        assert hook.got == []


@on_sqlite
def test_who_is_to_be_informed_is_told_although_somebody_has_it(
    world: World, hook: Webhook
) -> None:
    with Rig(world, three(hook, INFORMED)) as rig:
        alarm(rig)
        takes(rig, "Smit")
        rig.wait(60)
        rig.wait(600)
        assert hook.paths() == ["/smit", "/jansen"]


def test_when_nobody_answers_it_is_said_and_the_last_step_goes_on(
    world: World, hook: Webhook
) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig)
        rig.wait(60)
        rig.wait(60)
        assert hook.paths() == ["/smit", "/jansen", "/desk"]
        for _ in range(3):
            rig.wait(300)
            rig.wait(1)
        assert hook.paths()[3:] == ["/desk"] * 3
        rig.happens()
        unanswered = [one for one in rig.news if one.what is What.UNANSWERED]
        assert len(unanswered) == 1
        assert "NOBODY ANSWERED" in unanswered[0].sentence()


@on_sqlite
@pytest.mark.parametrize("badges", ["*", "nobody"])
def test_a_plan_that_was_renamed_meanwhile_is_not_the_end_of_calling(
    world: World, hook: Webhook, badges: str
) -> None:
    text = three(hook).replace("plans.yard", "plans.gate").replace('["*"]', f'["{badges}"]')
    with Rig(world, three(hook)) as rig:
        alarm(rig)
        rig.wait(60)
        rig.wait(60)
        world.store.write(lambda one: plan_rows.replace(one, plan_file.read(text)))
        for _ in range(3):
            rig.wait(601)
        # Without a plan of the badge there is nobody to call, and that is said.
        assert hook.paths()[3:] == (["/desk"] * 3 if badges == "*" else [])
        rig.happens()
        assert [one.what for one in rig.news].count(What.UNANSWERED) == 1


@pytest.mark.parametrize("fields", [{"kind": BATTERY}, {"flags": wire.FLAG_TEST}])
def test_nobody_is_woken_for_a_battery_or_a_test(
    world: World, hook: Webhook, fields: dict[str, int]
) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig, **fields)
        assert rig.rows() == []


@on_sqlite
def test_an_alarm_that_got_worse_is_told_anew(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig, kind=MAN_DOWN)
        alarm(rig, kind=SOS, rev=2)
        assert [one["title"] for one in hook.got] == ["MAN DOWN: A. de Vries", "SOS: A. de Vries"]


@on_sqlite
def test_duress_is_told_so_that_nobody_gives_it_away(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook)) as rig:
        alarm(rig, flags=wire.FLAG_CANCELLED | wire.FLAG_DURESS)
        [sent] = hook.got
        assert sent["title"] == "DURESS: A. de Vries"
        assert "do not call or message the wearer" in sent["message"]


@on_sqlite
def test_a_mail_server_that_hangs_does_not_delay_the_next_channel(
    world: World, hook: Webhook
) -> None:
    with silent_port() as port:
        mail = f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org&mode=insecure"
        text = three(hook, mail=mail, sms=hook.url("smit"))
        with Rig(world, text, timeout_s=15) as rig:
            world.take(message(kind=SOS))
            rig.happens()
            rig.look()
            assert rig.states()[:2] == [State.SENDING, State.WAITING]
            world.clock.wait(PATIENCE_MS / 1000)
            rig.look()
            assert rig.states()[:2] == [State.SENDING, State.SENDING]
            rig.settle()
            assert hook.paths() == ["/smit"]
            first, second, *_ = rig.rows()
            assert (first.said, second.state) == ("no answer within 15 s", State.SENT)


@on_sqlite
def test_a_channel_that_refuses_falls_to_the_next_at_once(world: World, hook: Webhook) -> None:
    mail = Mail(answer="550 no such person here")
    try:
        with Rig(world, three(hook, mail=mail.url, sms=hook.url("smit"))) as rig:
            alarm(rig)
            rig.settle()
            assert len(mail.got) == 1
            assert hook.paths() == ["/smit"]
            assert "127.0.0.1" not in rig.rows()[0].said
            # The person was reached, so what failed is not tried again.
            rig.wait(RETRY_MS[0] / 1000)
            assert len(mail.got) == 1
            assert rig.rows()[0].state is State.SPARED
    finally:
        mail.close()


@on_sqlite
def test_a_channel_that_answers_late_counts_and_spares_nobody_twice(
    world: World, hook: Webhook
) -> None:
    slow = Webhook()
    slow.gate.clear()
    try:
        with Rig(world, three(hook, push=slow.url("smit"), sms=hook.url("smit"))) as rig:
            world.take(message(kind=SOS))
            rig.happens()
            rig.look()
            world.clock.wait(PATIENCE_MS / 1000)
            rig.look()
            slow.gate.set()
            rig.settle()
            assert rig.states()[:2] == [State.SENT, State.SENT]
            rig.wait(30)
            assert (slow.paths(), hook.paths()) == (["/smit"], ["/smit"])
    finally:
        slow.close()


class Faulty(Sender):
    """Has a fault at one address."""

    async def attempt(self, message: Message) -> Outcome:
        if message.url.endswith("/faulty"):
            raise RuntimeError("odd")
        return await super().attempt(message)


@on_sqlite
def test_a_fault_of_ours_in_sending_is_a_try_that_failed(world: World, hook: Webhook) -> None:
    with Rig(world, three(hook, push=hook.url("faulty"), sms=hook.url("smit"))) as rig:
        rig.escalation = Escalation(rig.uses, StatePaths(world.folder), Faulty())
        alarm(rig)
        rig.settle()
        assert hook.paths() == ["/smit"]
        assert rig.rows()[0].said == "a fault in nabij: odd"
        rig.wait(RETRY_MS[0] / 1000)
        assert hook.paths() == ["/smit"]


@on_sqlite
def test_one_answer_that_can_never_be_recorded_ends_no_call_of_others(
    world: World, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = outbox.record

    def refuse_the_first(connection: sa.Connection, row_id: int, **more: Any) -> None:
        if row_id == 1:
            raise RuntimeError("odd")
        record(connection, row_id, **more)

    monkeypatch.setattr(outbox, "record", refuse_the_first)
    with Rig(world, three(hook)) as rig:
        world.take(message(kind=SOS))
        rig.happens()
        rig.look()
        rig.land()
        world.clock.wait(60)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="odd"):
                rig.look()
            rig.land()
        # Nobody is called twice for it either.
        assert hook.paths() == ["/smit", "/jansen"]


@on_sqlite
def test_what_fails_is_tried_three_times_and_then_told_as_failing(
    world: World, hook: Webhook
) -> None:
    hook.status = 500
    with Rig(world, three(hook)) as rig:
        alarm(rig)
        rig.wait(RETRY_MS[0] / 1000)
        hook.status = 200
        rig.wait(RETRY_MS[1] / 1000)
        assert hook.paths().count("/smit") == 3
        assert (rig.rows()[0].state, rig.rows()[0].tries) == (State.SENT, 3)


@on_sqlite
def test_an_address_that_hangs_leaves_room_for_others(world: World, hook: Webhook) -> None:
    with silent_port() as port:
        stuck = f"json://127.0.0.1:{port}/smit"
        with Rig(world, three(hook, push=stuck, sms=hook.url("smit")), timeout_s=20) as rig:
            for seq in range(1, 7):
                world.take(message(seq=seq, kind=SOS))
            rig.happens()
            rig.look()
            world.clock.wait(PATIENCE_MS / 1000)
            for escalation_id in range(1, 7):
                rig.settle(escalation_id)
            assert hook.paths() == ["/smit"] * 6


@on_sqlite
def test_an_alarm_without_a_plan_is_said(world: World, hook: Webhook) -> None:
    text = three(hook).replace('badges = ["*"]', 'badges = ["bob"]')
    with Rig(world, text) as rig:
        alarm(rig)
        assert hook.got == []
        assert [one for one in rig.said if one.startswith("NOBODY IS CALLED for incident")]
