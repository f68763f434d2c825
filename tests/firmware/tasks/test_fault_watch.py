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
