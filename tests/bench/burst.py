"""A thousand alarms at once, by mutual TLS, at a receiver in a process of its own."""

import signal
from pathlib import Path

from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.light_badges import Answers, Fleet
from tests.host.centre.served import Served

BADGES = 150
ALARMS = 1000
SEEDS = (1, 2, 3, 4, 5)


def figures(folder: Path, seeds: tuple[int, ...] = SEEDS) -> dict[str, float]:
    """The worst of the runs: receipts against PUBACKs of the same burst, and how late they come.

    All badges are connected before. `handed_over` is how often an alarm was in the mean.
    """
    folders = [enrol(folder, f"b{number:04d}") for number in range(BADGES)]
    served = Served(folder, "--quota", "1000000")
    try:
        served.line()
        with Fleet(folders, served.port) as fleet:
            runs = [_checked(fleet.burst(ALARMS, seed)) for seed in seeds]
    finally:
        served.end(signal.SIGINT)
    store = Store(StatePaths(folder))
    handed_over = [len(store.transmissions(incident.id)) for incident in store.incidents()]
    store.close()
    return {
        "burst.last_receipt_over_last_puback": max(
            max(run.receipts_s.values()) / max(run.pubacks_s.values()) for run in runs
        ),
        "burst.receipt_p99_s": max(
            sorted(run.receipts_s.values())[ALARMS * 99 // 100] for run in runs
        ),
        "burst.handed_over": sum(handed_over) / (ALARMS * len(seeds)),
    }


def _checked(answers: Answers) -> Answers:
    """The same; AssertionError when anything was lost."""
    assert len(answers.receipts_s) == ALARMS, f"{len(answers.receipts_s)} receipts"
    assert len(answers.pubacks_s) == ALARMS, f"{len(answers.pubacks_s)} PUBACKs"
    return answers
