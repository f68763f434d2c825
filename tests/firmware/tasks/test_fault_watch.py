"""What failed to be read or written is a reason, whatever file it was, for half an hour."""

from __future__ import annotations

import json

from badge.core.wearer import reasons
from tests.mp import run_mp

SCRIPT = """
import json
from time import ticks_ms
from badge.core.wearer import reasons
from badge.log import EventLog
from badge.tasks.common import Common
from badge.tasks.fault_watch import FaultWatch

found = {}
for what in reasons.OF_FAILURES:
    log = EventLog(ticks_ms, lambda line: None)
    common = Common(None, None, None, None, log)
    watch = FaultWatch(None, None, None, common, can_send=True, over=[])
    before = watch.of_files(ticks_ms())
    log.failure(what, OSError(5))
    now_ms = ticks_ms()
    found[what] = before, watch.of_files(now_ms), watch.of_files(now_ms + 1_800_001)
print(json.dumps(found))
"""


def test_each_file_that_fails_is_a_reason_for_half_an_hour() -> None:
    found = json.loads(run_mp(SCRIPT))
    assert set(found) == set(reasons.OF_FAILURES)
    for what, reason in reasons.OF_FAILURES.items():
        # Of an alarm its keeper says so, and of settings that are not those confirmed config_file.
        told = [reason] if reason == "storage" else []
        assert found[what] == [[], told, []], what
    assert {what for what, of in reasons.OF_FAILURES.items() if of != "storage"} == {
        "config.refused",
        "journal.failed",
    }


LASTING = """
from time import ticks_add, ticks_ms
from badge.core.wearer import protection
from badge.log import EventLog
from badge.tasks.common import Common
from badge.tasks.fault_watch import FaultWatch

names, told, felt = [], [], []
on = True
class Keeper:
    def technical(self, kind, now_ms, reason):
        told.append(reason)
        self.reason = reason
        return self
    def open_alarms(self):
        return []
answers = protection.Protection()
answers.add_all(lambda: names)
log = EventLog(ticks_ms, lambda line: None)
common = Common(None, None, None, felt.append, log)
watch = FaultWatch(answers, Keeper(), lambda: on, common, can_send=True, over=[])
now_ms = ticks_ms()
def live(minutes, *what):
    global now_ms
    names[:] = what
    for _ in range(60 * minutes):
        now_ms = ticks_add(now_ms, 1000)
        watch.look(now_ms)
    found = list(told), list(felt)
    told.clear()
    felt.clear()
    print(found)
"""


def test_what_lasts_on_shift_is_told_after_a_while_and_once_an_hour() -> None:
    """A badge that is put down for a break is told to nobody."""
    out = run_mp(
        LASTING
        + """
live(14, "not_worn")
live(1)
live(16, "not_worn")
live(1)
live(16, "not_worn")
live(45)
live(300, "not_worn")
on = False
live(60, "lanyard")
on = True
live(2, "battery.reserve")
live(60, "charging", "driving", "shift", "test", "network", "identity", "undelivered")
live(1, "motion")
"""
    )
    nothing = "([], [])"
    assert out.splitlines() == [
        *(nothing, nothing, "([14], [])", nothing, nothing, nothing, "([14], [])"),
        *(nothing, "([5], [])", nothing, "([8], ['LIMITED'])"),
    ]
