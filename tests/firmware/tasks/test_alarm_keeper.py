"""The keeper of the alarms: flash that fails, clocks, and what each call comes to."""

import pytest

from tests.mp import run_mp

RIG = """
from badge.core.alarm import kinds, life, record
from badge.core.alarm.book import worth_keeping
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core.settings import config
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.outbox import Outbox
from badge.core.codec import wire
from badge.core.codec.journal import Record
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.common import Common
from badge.tasks.stall_gate import StallGate
class Journal:
    "Flash that fails until `works_from_ms`."
    primed = False
    tries = 0
    records = []
    works_from_ms = 0
    def _try(self):
        self.tries += 1
        if ticks_ms() < self.works_from_ms:
            raise OSError(5)
    def append(self, record_type, boot, seq, payload):
        self._try()
        self.records.append(Record(record_type, boot, seq, payload))
        self.primed = False
    def prime(self):
        self._try()
        self.primed = True
class Nothing:
    def event(self, what, **fields):
        pass
    def failure(self, what, error, **fields):
        said.append(str(error))
    def utc_s(self):
        return None
def nothing(*_):
    pass
journal = Journal()
settings = config.defaults()
felt, untrue = [], []
said = []
pressed = []
def feel(signal, not_so=""):
    felt.append(signal)
    untrue.append(not_so)
def make(boot):
    gate = StallGate(lambda: bool(pressed), nothing)
    common = Common(settings, Nothing(), gate, feel, Nothing())
    outbox = Outbox(settings, lambda: 0)
    return AlarmKeeper(
        common, AlarmBook(boot), journal, outbox, None, on_open=nothing, on_waiting=nothing)
keeper = make(1)
"""

FAILING = """
async def main():
    asyncio.create_task(keeper.run(lambda: None))
    journal.works_from_ms = 60_000
    await asyncio.sleep_ms(1000)
    keeper.squeeze(ticks_ms())
    await asyncio.sleep_ms(50_000)
    print(len(keeper.open_alarms()), len(journal.records), journal.tries)
    await asyncio.sleep_ms(30_000)
    print(journal.records[0][1:3])
asyncio.run(main())
"""


def test_an_alarm_that_flash_refused_is_stored_once_flash_works_and_tries_are_few() -> None:
    first, second = run_mp(RIG + FAILING).splitlines()
    alarms, records, tries = (int(number) for number in first.split())
    assert (alarms, records) == (1, 0)
    assert tries <= 20
    assert second == "(1, 1)"


def run(body: str) -> list[str]:
    script = "async def main():\n    asyncio.create_task(keeper.run(lambda: None))\n"
    script += "".join("    " + line + "\n" for line in body.strip().splitlines())
    return run_mp(RIG + script + "asyncio.run(main())\n").splitlines()


@pytest.mark.requirement("R04")
def test_a_reset_hides_at_most_a_minute_of_a_deadline() -> None:
    assert run("""
amber = keeper.deadline(kinds.AMBER, 1800, ticks_ms())
await asyncio.sleep_ms(600_000)
stored = list(journal.records)
again = make(2)
again.resume(worth_keeping(stored), ticks_ms())
[alarm] = again.open_alarms()
print(len(stored) <= 11, alarm.state == life.WAITING)
print(1_200_000 <= alarm.due_in_ms(ticks_ms()) <= 1_262_000)
""") == ["True True", "True"]


@pytest.mark.requirement("R04")
@pytest.mark.requirement("R06")
def test_a_check_in_that_is_not_answered_is_felt_then_an_alarm_after_its_grace() -> None:
    assert run("""
alarm = keeper.deadline(kinds.CHECK_IN, 60, ticks_ms(), 45)
await asyncio.sleep_ms(59_000)
print(felt, keeper.context(ticks_ms()))
await asyncio.sleep_ms(2_000)
print(felt, keeper.context(ticks_ms()), alarm.is_red())
await asyncio.sleep_ms(42_000)
print(set(felt), alarm.is_red())
await asyncio.sleep_ms(4_000)
print(felt[-1], alarm.is_red(), alarm.kind == kinds.CHECK_IN)
""") == [
        "[] QUIET",
        "['CHECK_IN_DUE'] CHECK_IN_DUE False",
        "{'CHECK_IN_DUE'} False",
        "RAISED True True",
    ]


def test_an_answered_check_in_waits_anew_and_raises_nothing() -> None:
    assert run("""
alarm = keeper.deadline(kinds.CHECK_IN, 60, ticks_ms(), 45)
await asyncio.sleep_ms(80_000)
print(keeper.extend(alarm, 60, ticks_ms()), alarm.told_due_s(ticks_ms()))
await asyncio.sleep_ms(58_000)
print(set(felt), keeper.context(ticks_ms()))
print(keeper.end(alarm, ticks_ms()), keeper.extend(alarm, 60, ticks_ms()))
""") == ["True 105", "{'CHECK_IN_DUE'} QUIET", "True False"]


def test_the_battery_is_reported_once_and_a_new_test_replaces_the_old() -> None:
    assert run("""
low = keeper.technical(kinds.BATTERY, ticks_ms(), 3)
print(keeper.technical(kinds.BATTERY, ticks_ms(), 2) is low, low.battery_percent)
first = keeper.test(ticks_ms())
second = keeper.test(ticks_ms())
print(first.is_open(), second.is_open(), second.has(record.TEST), len(keeper.open_alarms()))
keeper.squeeze(ticks_ms())
await asyncio.sleep_ms(35_000)
print(felt)
""") == ["True 3", "False True True 2", "['RAISED', 'NOT_DELIVERED']"]


@pytest.mark.requirement("R03")
def test_a_cancel_is_for_every_pre_alarm_of_the_body_but_no_answer_to_a_check_in() -> None:
    assert run("""
keeper.deadline(kinds.CHECK_IN, 5, ticks_ms(), 45)
await asyncio.sleep_ms(6_000)
for kind in (kinds.TILT, kinds.RIP, kinds.REST):
    print(keeper.condition(kind, ticks_ms()) is not None)
print(keeper.cancel(ticks_ms()), keeper.cancel(ticks_ms()))
print([life.STATE_NAMES[alarm.state] for alarm in keeper.open_alarms()])
""") == ["True", "True", "False", "True False", "['PRE_ALARM', 'WITHDRAWN', 'WITHDRAWN']"]


def test_a_condition_that_clears_takes_only_its_own_pre_alarm_with_it() -> None:
    assert run("""
keeper.condition(kinds.TILT, ticks_ms())
rip = keeper.condition(kinds.RIP, ticks_ms())
keeper.clear(kinds.TILT, ticks_ms())
print(keeper.open_alarms() == [rip])
""") == ["True"]


@pytest.mark.requirement("R09")
def test_what_is_refused_under_duress_is_refused_in_the_same_words() -> None:
    assert run("""
pre_alarm = keeper.condition(kinds.TILT, ticks_ms())
amber = keeper.deadline(kinds.AMBER, 300, ticks_ms())
keeper.end(amber, ticks_ms())
for duress in (False, True):
    print(keeper.end(pre_alarm, ticks_ms(), duress), keeper.end(amber, ticks_ms(), duress))
print(said[:2] == said[2:], len(said))
""") == ["False False", "False False", "True 4"]


@pytest.mark.requirement("R06")
@pytest.mark.parametrize("other", ["a record that waits", "a deadline that is due"])
def test_a_press_does_not_stretch_the_longest_pre_alarm_over_what_else_it_holds_up(
    other: str,
) -> None:
    """The gate waits for the press up to 6 s, and then for the next thing that is to be done."""
    what = {
        "a record that waits": "keeper.condition(kinds.RIP, ticks_ms())",
        "a deadline that is due": "keeper.deadline(kinds.AMBER, 1, ticks_ms())",
    }[other]
    assert run(f"""
settings.prealarm_ms = 45_000
pre_alarm = keeper.condition(kinds.TILT, ticks_ms())
await asyncio.sleep_ms(43_000)
pressed.append(True)
{what}
await asyncio.sleep_ms(2_300)
print(pre_alarm.is_red())
""") == ["True"]


def test_a_squeeze_with_no_room_is_not_hidden_in_an_alarm_that_was_called_false() -> None:
    assert run("""
for _ in range(8):
    keeper.squeeze(ticks_ms())
keeper.false_alarm(ticks_ms())
keeper.squeeze(ticks_ms())
print([alarm.has(record.CALLED_FALSE) for alarm in keeper.open_alarms()][-1])
""") == ["False"]


@pytest.mark.parametrize("presses", [False, True])
def test_a_task_that_hangs_has_its_pre_alarm_ended_by_who_stands_in_for_it(
    *, presses: bool
) -> None:
    """A press that begins at its end gets the 2.5 s of a squeeze and its pause."""
    script = f"""
async def main():
    began_ms = ticks_ms()
    alarm = keeper.condition(kinds.MAN_DOWN, began_ms)
    felt.clear()
    while alarm.state == life.PRE_ALARM:
        await asyncio.sleep_ms(250)
        keeper.stand_in(ticks_ms())
        if {presses} and ticks_ms() - began_ms >= 20_900 and alarm.state == life.PRE_ALARM:
            keeper.squeeze(ticks_ms())
    print(alarm.state == life.RAISED, alarm.kind, (ticks_ms() - began_ms) // 1000)
    print(felt.count("PRE_ALARM") >= 6)
asyncio.run(main())
"""
    out = run_mp(RIG + script).splitlines()
    assert out == [f"True {1 if presses else 2} {21 if presses else 22}", "True"]


LATE = """
keeper.condition(kinds.TILT, ticks_ms())
await asyncio.sleep_ms(25_000)
keeper.squeeze(ticks_ms())
await asyncio.sleep_ms(60_000)
print(felt[-1], [alarm.is_late() for alarm in keeper.open_alarms()])
"""


@pytest.mark.requirement("R18")
def test_that_an_alarm_has_not_arrived_is_not_said_any_more_once_all_have() -> None:
    """It may wait for the motor while the receipts come in."""
    assert run(f"""{LATE}
for alarm in list(keeper.open_alarms()):
    said = wire.Status("b", alarm.boot, alarm.seq, 1, 5, alarm.rev, alarm.seq, None, None, None)
    keeper.on_status(said, ticks_ms())
    print(felt[-1], untrue[-1] or "-")
""") == ["NOT_DELIVERED [True, True]", "RECEIVED -", "RECEIVED NOT_DELIVERED"]


@pytest.mark.requirement("R18")
def test_it_is_still_said_of_one_whose_half_minute_has_begun_anew() -> None:
    """There is news of both, which has not arrived any more than they have."""
    assert run(f"""{LATE}
keeper.false_alarm(ticks_ms())
keeper.squeeze(ticks_ms())
print(felt[-1], untrue[-1] or "-", [alarm.is_late() for alarm in keeper.open_alarms()])
""") == ["NOT_DELIVERED [True, True]", "RAISED - [False, False, False]"]
