"""The whole badge on a bad day: what fails is felt, answered and told to the centre."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds
from badge.core.wearer import reasons
from nabij.data import traces
from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.faults.patches import PATCHES
from tests.sim.lives import at, felt, felt_at, said, squeeze, tap
from tests.worlds import Site

MAIN = """
import machine
watchdog = machine.WDT(timeout=30_000)
from badge.boards.t_sim7080g_s3 import Board
from badge import app
{patch}
app.run(Board(), watchdog)
machine.reset()
"""
# Has a task die of itself, again and again, from `after_ms` on.
DYING = """
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
def start_dying(self, name, run, limit_ms, *, vital=False):
    async def dies(feed):
        import asyncio
        if ticks_ms() >= {after_ms}:
            raise ValueError("broken")
        task = asyncio.create_task(run(feed))
        while not task.done() and ticks_ms() < {after_ms}:
            feed()
            await asyncio.sleep_ms(100)
        task.cancel()
        raise ValueError("broken")
    start(self, name, dies if name == {name!r} else run, limit_ms, vital=vital)
Supervisor.start = start_dying
"""
NOBODY_STANDS_IN = """
from badge.tasks.alarm_keeper import AlarmKeeper
AlarmKeeper.stand_in = lambda *_: 1 // 0
"""


def lived(
    site: Site,
    tmp_path: Path,
    *,
    patch: str = "",
    config: str | None = None,
    duration_ms: int = 60_000,
    events: list[Fact] | None = None,
    **more: Any,
) -> Run:
    """A badge with a patched application."""
    provision = site.provision
    if config is not None:
        provision = site.provision_with(tmp_path / "provision", {})
        (provision / "config.json").write_text(config)
    tmp_path.mkdir(exist_ok=True)
    main = tmp_path / "main.py"
    main.write_text(MAIN.format(patch=patch))
    return run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=provision,
            modem=site.modem(),
            events=events or [],
            main=main,
            **more,
        ),
        folder=tmp_path / "badge",
    )


def told(run: Run) -> list[str]:
    """The reasons of the technical messages that arrived."""
    names = {one.number: one.name for one in reasons.TABLE}
    return [
        names[fact["reason"]]
        for fact in run.facts
        if fact.get("remote") == "technical" and fact["kind"] == kinds.FAULT
    ]


def asked(run: Run) -> list[str]:
    return [event.fields["verdict"] for event in said(run, "protected")]


ASK = at(50_000, "press", button="left", ms=120)


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("task", ["task.lanyard", "task.timers", "task.power", "task.feedback"])
def test_a_task_that_keeps_dying_is_felt_answered_and_told(
    site: Site, tmp_path: Path, task: str
) -> None:
    """The others are rows of tests/sim/faults."""
    name = task.removeprefix(reasons.TASK)
    patch = DYING.format(name=name, after_ms=12_000)
    run = lived(site, tmp_path, patch=patch, events=[ASK])
    assert said(run, "supervisor.crash", task=name)
    if name == "feedback":
        # What dies cannot say so; the centre is told.
        assert not [event for event in said(run, "haptic") if event.ticks_ms > 13_000]
    else:
        assert "LIMITED" in felt(run)
    assert asked(run) == ["limited"]
    assert told(run) == [task]


def test_a_single_death_of_a_task_is_nobodys_business(site: Site, tmp_path: Path) -> None:
    patch = DYING.format(name="chores", after_ms=12_000).replace(
        'if ticks_ms() >= 12000:\n            raise ValueError("broken")',
        "if ticks_ms() >= 12000:\n            await run(feed)",
    )
    run = lived(site, tmp_path, patch=patch, events=[ASK])
    assert len(said(run, "supervisor.crash", task="chores")) == 1
    assert asked(run) == ["yes"]
    assert told(run) == []


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("config", ["[1]", "\x00" * 200])
def test_settings_that_are_damaged_from_the_first_are_felt_and_told(
    site: Site, tmp_path: Path, config: str
) -> None:
    run = lived(site, tmp_path, config=config, duration_ms=40_000, events=[])
    assert "LIMITED" in felt(run)
    assert "TEST_PASSED" not in felt(run)
    assert told(run) == ["config"]


@pytest.mark.requirement("R12")
def test_a_pna11_badge_whose_settings_are_damaged_stays_one(site: Site, tmp_path: Path) -> None:
    settings = json.dumps({"profile": "pna11", "buttons_test": False})
    whole = lived(site, tmp_path, config=settings, duration_ms=12_000)
    assert any(fact.get("buzzer") for fact in whole.facts)
    spoil = """
import os
for name in ("/config.json",):
    open(name, "w").close()
"""
    run = lived(site, tmp_path, config=settings, patch=spoil, duration_ms=60_000)
    assert said(run, "config")[-1].fields["profile"] == "pna11"
    assert any(fact.get("buzzer") for fact in run.facts)
    assert "LIMITED" in felt(run)
    assert told(run) == ["config"]


def test_a_hopeless_task_restarts_the_badge_once_an_hour_and_no_more(
    site: Site, tmp_path: Path
) -> None:
    patch = DYING.format(name="alarms", after_ms=12_000)
    walk = traces.write_sim_trace(tmp_path / "walk", Body().walking(60.0))
    run = lived(site, tmp_path, patch=patch, duration_ms=150_000, trace=Trace(walk, after="loop"))
    # Its own restart, and no second one within the hour: it goes on with what works.
    assert run.exit_codes == [42, 0]
    (restart,) = said(run, "restart")
    assert restart.fields["why"] == "task.alarms"
    assert said(run, "supervisor.without", task="alarms")


@pytest.mark.requirement("R02")
@pytest.mark.parametrize(
    ("broken", "exit_codes"),
    [
        ("", [42, 0]),
        # The hour is not kept then: nobody would hear of the fall.
        (NOBODY_STANDS_IN, [42, 42, 0]),
    ],
    ids=["by who stands in", "by a restart"],
)
def test_a_pre_alarm_that_a_hopeless_task_leaves_running_is_raised(
    site: Site, tmp_path: Path, fall: Trace, broken: str, exit_codes: list[int]
) -> None:
    patch = f"{broken}\n{DYING.format(name='alarms', after_ms=12_000)}"
    run = lived(site, tmp_path, patch=patch, duration_ms=70_000, trace=fall)
    assert run.exit_codes == exit_codes
    (incident,) = [fact for fact in run.facts if fact.get("remote") == "incident"]
    assert incident["kind"] == kinds.MAN_DOWN


def test_no_restart_comes_under_a_press_nor_before_an_alarm_is_durable(
    site: Site, tmp_path: Path
) -> None:
    """The press begins with the task's last death, and its alarm survives the restart."""
    patch = DYING.format(name="alarms", after_ms=12_000)
    bare = lived(site, tmp_path, patch=patch, duration_ms=30_000)
    (restart,) = said(bare, "restart")
    press = squeeze(restart.ticks_ms + 100)
    run = lived(site, tmp_path / "second", patch=patch, duration_ms=60_000, events=[press])
    assert run.exit_codes[0] == 42
    (durable,) = said(run, "alarm.durable", state="RAISED")
    assert durable.ticks_ms >= press["at_ms"] + 1500
    assert said(run, "alarm.resumed")


@pytest.mark.requirement("R07")
def test_a_badge_that_restarts_in_a_loop_says_so(site: Site, tmp_path: Path) -> None:
    patch = """
from time import ticks_ms
import machine
from badge.tasks.fault_watch import FaultWatch
look = FaultWatch.look
def look_and_reset(self, now_ms):
    look(self, now_ms)
    if STARTS < 4 and now_ms > 8000:
        machine.reset()
FaultWatch.look = look_and_reset
try:
    with open("/count") as file:
        STARTS = int(file.read())
except OSError:
    STARTS = 0
STARTS += 1
with open("/count", "w") as file:
    file.write(str(STARTS))
"""
    run = lived(site, tmp_path, patch=patch, duration_ms=60_000)
    assert run.exit_codes == [42, 42, 42, 0]
    assert told(run) == ["restarts"]
    assert "LIMITED" in felt(run)


@pytest.mark.requirement("R07")
@pytest.mark.parametrize(
    ("dips_s", "reasons"),
    [
        ([14], ["reset.brownout"]),
        ([14, 34], ["reset.brownout"] * 2),
        # A loop is told as that.
        ([14, 34, 54], ["reset.brownout", "reset.brownout", "restarts"]),
    ],
)
def test_each_reset_that_nobody_asked_for_is_told_once(
    site: Site, tmp_path: Path, dips_s: list[int], reasons: list[str]
) -> None:
    dips = [at(1000 * second, "brownout") for second in dips_s]
    run = lived(site, tmp_path, events=dips, duration_ms=80_000)
    assert told(run) == reasons


@pytest.mark.requirement("R07")
def test_a_crash_of_the_whole_badge_is_told(site: Site, tmp_path: Path) -> None:
    patch = """
from badge.tasks.supervisor import Supervisor
def broken(self):
    if machine.reset_cause() == machine.PWRON_RESET:
        raise ValueError("broken")
    return run_well(self)
run_well, Supervisor.run = Supervisor.run, broken
"""
    # As in main.py.
    main = MAIN.replace(
        "app.run(Board(), watchdog)",
        """try:
    app.run(Board(), watchdog)
except ValueError:
    with open("/crash", "w") as file:
        file.write("broken")""",
    )
    (tmp_path / "main.py").write_text(main.format(patch=patch))
    run = run_fast(
        Scenario(
            duration_ms=40_000,
            provision=site.provision,
            modem=site.modem(),
            main=tmp_path / "main.py",
        ),
        folder=tmp_path / "badge",
    )
    assert run.exit_codes == [42, 0]
    assert told(run) == ["reset.fault"]


@pytest.mark.requirement("R07")
def test_flash_that_fails_is_felt_and_told(site: Site, tmp_path: Path) -> None:
    fails = at(10_000, "flash_error", kind="write", for_ms=40_000)
    run = lived(site, tmp_path, events=[fails, squeeze(20_000)], duration_ms=60_000)
    assert "LIMITED" in felt(run)
    assert {"flash", "storage"} & set(told(run))
    assert any(fact.get("remote") == "incident" for fact in run.facts)


@pytest.mark.requirement("R07")
def test_a_line_that_sticks_is_told(site: Site, tmp_path: Path) -> None:
    stuck = at(15_000, "line_stuck", line="ri", level=0, for_ms=200_000)
    run = lived(site, tmp_path, events=[stuck], duration_ms=120_000)
    assert told(run) == ["sleep"]
    assert "LIMITED" in felt(run)


@pytest.mark.requirement("R07")
def test_who_asks_while_the_link_hangs_is_answered_all_the_same(
    site: Site, tmp_path: Path
) -> None:
    """Its task never comes back from the ping, in a session that looks as if it stood."""
    hangs = """
import asyncio
from badge.link.mqtt import MqttClient
async def hanging(self, timeout_ms):
    await asyncio.sleep_ms(1_000_000)
MqttClient.ping = hanging
"""
    run = lived(site, tmp_path, patch=hangs, duration_ms=75_000, events=tap(55_000))
    (felt_ms,) = felt_at(run, "NOT_PROTECTED")
    assert 55_000 < felt_ms < 65_000


@pytest.mark.requirement("R07")
def test_memory_that_runs_out_is_told(site: Site, tmp_path: Path) -> None:
    full = """
import gc
from badge.tasks import housekeeping
class Full:
    collect = gc.collect
    mem_free = staticmethod(lambda: 30_000)
housekeeping.gc = Full
"""
    run = lived(site, tmp_path, patch=full, duration_ms=40_000)
    assert told(run) == ["memory"]


@pytest.mark.requirement("R07")
def test_a_badge_that_nobody_wears_on_shift_is_told_after_a_quarter_of_an_hour(
    site: Site, tmp_path: Path
) -> None:
    body = Body()
    put_down_ms = 30_000
    samples = np.concatenate([body.walking(20), body.taken_off(), body.table(60)])
    trace = Trace(traces.write_sim_trace(tmp_path / "worn", samples), start_ms=5_000)
    run = lived(site, tmp_path, duration_ms=19 * 60_000, trace=trace)
    assert told(run) == ["not_worn"]
    (fact,) = [fact for fact in run.facts if fact.get("remote") == "technical"]
    assert 900_000 <= fact["t_ms"] - put_down_ms <= 900_000 + 120_000
    assert "NOT_WORN" in felt(run)
    assert "LIMITED" not in felt(run)


@pytest.mark.soak
@pytest.mark.requirement("R07")
@pytest.mark.parametrize("task", ["motion", "link"])
def test_a_badge_that_is_silent_after_each_start_tells_that_it_restarts(
    site: Site, tmp_path: Path, task: str
) -> None:
    """An hour of it: starts after 2, 8 and 32 minutes, and then it goes on without."""
    patch = PATCHES[f"task.{task} hangs at every start"]
    run = lived(site, tmp_path, patch=patch, duration_ms=3_600_000)
    assert run.exit_codes == [42, 42, 42, 42, 0]
    resets = [one for one in told(run) if one in ("reset.fault", "restarts")]
    assert resets == ["reset.fault", "reset.fault", "restarts", "restarts"]
