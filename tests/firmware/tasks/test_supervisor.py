"""The supervisor: a task that dies is restarted, one that is silent or keeps dying ends it all."""

from tests.mp import run_mp

# In virtual time: a task that keeps dying pauses for half a minute.
RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.log import EventLog
from badge.tasks.supervisor import StandIn, Supervisor

class Watchdog:
    feeds = 0
    def feed(self):
        self.feeds += 1

watchdog = Watchdog()
supervisor = Supervisor(watchdog, EventLog(ticks_ms))

async def watch(seconds):
    try:
        await asyncio.wait_for(supervisor.run(), seconds)
    except asyncio.TimeoutError:
        pass
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).splitlines()


def test_a_task_that_fails_is_logged_by_name_and_started_again() -> None:
    out = run("""
starts = 0
async def flaky(feed):
    global starts
    starts += 1
    if starts == 1:
        raise ValueError("broken")
    while True:
        feed()
        await asyncio.sleep_ms(100)
async def main():
    supervisor.start("flaky", flaky, 1000)
    await watch(2.5)
    print(starts, watchdog.feeds)
asyncio.run(main())
""")
    assert any("supervisor.crash" in line and "task=flaky" in line for line in out)
    starts, feeds = out[-1].split()
    assert starts == "2"
    assert int(feeds) >= 2


def test_a_silent_task_starves_the_watchdog_and_is_named() -> None:
    out = run("""
async def deaf(feed):
    feed()
    await asyncio.sleep(60)
async def main():
    supervisor.start("deaf", deaf, 500)
    await watch(2.5)
    before = watchdog.feeds
    await watch(2.5)
    print(watchdog.feeds == before)
asyncio.run(main())
""")
    assert any("supervisor.starving" in line and "task=deaf" in line for line in out)
    assert out[-1] == "True"


def test_a_vital_task_that_keeps_dying_starves_the_watchdog_another_does_not() -> None:
    out = run("""
async def dying(feed):
    raise OSError(5)
async def main():
    supervisor.start("chore", dying, 60_000)
    await watch(4)
    print(watchdog.feeds)
    supervisor.start("vital", dying, 60_000, vital=True)
    await watch(2)
    before = watchdog.feeds
    await watch(2.5)
    print(watchdog.feeds == before)
asyncio.run(main())
""")
    facts = [line for line in out if not line.startswith("#")]
    assert int(facts[0]) >= 3
    assert facts[1] == "True"


def test_a_task_that_never_comes_up_again_ends_in_a_reset() -> None:
    out = run("""
async def dying(feed):
    raise MemoryError()
async def main():
    supervisor.start("link", dying, 60_000)
    await watch(60)
    print(watchdog.feeds > 30)
    await watch(600)
    before = watchdog.feeds
    await watch(2.5)
    print(watchdog.feeds == before)
asyncio.run(main())
""")
    assert [line for line in out if not line.startswith("#")] == ["True", "True"]


_HOPELESS = """
asked = []
def restart(why, is_silent):
    asked.append((why, is_silent))
    return False
supervisor = Supervisor(watchdog, EventLog(ticks_ms), restart)
deaths = 0
async def dies(feed):
    global deaths
    deaths += 1
    if deaths > LAST:
        while True:
            feed()
            await asyncio.sleep_ms(500)
    raise ValueError("again")
"""


def test_a_silent_task_behind_one_that_keeps_dying_still_starves_the_watchdog() -> None:
    """Where nobody can have the badge start anew for it."""
    out = run(
        _HOPELESS.replace("LAST", "1000").replace(
            "return False", 'return None if why == "task.hangs" else False'
        )
        + """
async def hangs(feed):
    feed()
    await asyncio.sleep_ms(1000000)
async def main():
    supervisor.start("dies", dies, 5000, vital=True)
    supervisor.start("hangs", hangs, 10000)
    await watch(30)
    before = watchdog.feeds
    await watch(30)
    print(before > 5, watchdog.feeds - before)
asyncio.run(main())
"""
    )
    assert out[-1] == "True 0"
    assert any("supervisor.starving" in line and "task=hangs" in line for line in out)


def test_a_silent_task_is_asked_a_restart_for_and_else_lived_without() -> None:
    """Not the watchdog at each start: that would go on for ever, at any moment."""
    out = run(
        _HOPELESS.replace("LAST", "0")
        + """
async def hangs(feed):
    feed()
    await asyncio.sleep_ms(1000000)
async def steady():
    print("steady")
    return True
async def main():
    supervisor.start("dies", dies, 5000)
    supervisor.start("hangs", hangs, 10000)
    supervisor.when_steady(20000, steady)
    await watch(9)
    await watch(25)
    waits = watchdog.feeds
    print(waits, asked)
    await watch(5)
    print(set(asked), watchdog.feeds > waits)
    await watch(120)
    # For most of that time it was fed, and the badge is not as it should be all the same.
    print(watchdog.feeds > waits + 100, supervisor.reasons())
asyncio.run(main())
"""
    )
    facts = [line for line in out if not line.startswith("#")]
    assert facts == [
        "11 []",
        "{('task.hangs', True)} True",
        "True ['task.hangs']",
    ]
    assert sum("supervisor.without" in line and "task=hangs" in line for line in out) == 1


def test_what_waits_for_steady_tasks_and_fails_is_called_again_later() -> None:
    out = run("""
calls = []
async def fails():
    calls.append(ticks_ms())
    if len(calls) < 3:
        raise ValueError("broken")
    return True
async def main():
    supervisor.when_steady(2000, fails)
    await watch(300)
    pauses = [later - sooner >= 60000 for sooner, later in zip(calls, calls[1:])]
    print(pauses, watchdog.feeds > 250)
asyncio.run(main())
""")
    assert sum("supervisor.steady_failed" in line for line in out) == 2
    assert out[-1] == "[True, True] True"


def test_a_task_that_runs_well_again_is_no_reason_to_start_anew() -> None:
    out = run(
        _HOPELESS.replace("LAST", "8")
        + """
async def main():
    supervisor.start("dies", dies, 5000, vital=True)
    await watch(80)
    before = len(asked)
    await watch(60)
    # A trial of settings counts what failed in this start.
    print(before > 0, len(asked) - before, supervisor.crashes())
asyncio.run(main())
"""
    )
    assert out[-1] == "True 0 1"


def test_a_task_that_is_cancelled_is_started_again_also_in_its_pause() -> None:
    """In MicroPython a CancelledError is no Exception."""
    out = run("""
starts = []
async def cancelled(feed):
    starts.append(asyncio.current_task())
    if len(starts) == 1:
        raise asyncio.CancelledError()
    if len(starts) == 2:
        raise ValueError("broken")
    while True:
        feed()
        await asyncio.sleep_ms(100)
async def main():
    supervisor.start("cancelled", cancelled, 5_000)
    await watch(0.7)
    print(len(starts))
    # The second pause is of a second.
    starts[0].cancel()
    await watch(3.5)
    before = len(starts)
    starts[0].cancel()
    await watch(20)
    print(before, len(starts), supervisor.crashes(), watchdog.feeds > 20)
asyncio.run(main())
""")
    assert sum("supervisor.crash" in line for line in out) == 4
    assert [line for line in out if not line.startswith("#")] == ["2", "3 4 4 True"]


def test_a_silent_task_is_missed_sooner_while_its_work_is_waited_for() -> None:
    out = run("""
waits = []
async def slow(feed):
    feed()
    await asyncio.sleep(200)
async def main():
    supervisor.start("slow", slow, 60_000)
    supervisor.hurry("slow", lambda: bool(waits), lambda: 10_000)
    await watch(30)
    print("nobody waits", supervisor.reasons())
    waits.append("an alarm")
    await watch(2)
    print("an alarm waits", supervisor.reasons())
    waits.clear()
    await watch(2)
    print("nobody waits", supervisor.reasons())
asyncio.run(main())
""")
    assert [line for line in out if "wait" in line] == [
        "nobody waits []",
        "an alarm waits ['task.slow']",
        "nobody waits []",
    ]


def test_what_waits_for_steady_tasks_and_never_ends_starves_no_watchdog() -> None:
    """Else the watchdog would reset the badge, and so at each start."""
    out = run("""
calls = []
async def hangs():
    calls.append(ticks_ms())
    await asyncio.Event().wait()
async def main():
    supervisor.when_steady(2_000, hangs)
    await watch(300)
    print(len(calls), watchdog.feeds > 240)
asyncio.run(main())
""")
    assert out[-1] == "5 True"
    assert any("supervisor.steady_failed" in line for line in out)


def test_the_work_of_a_silent_task_is_done_after_its_own_time() -> None:
    out = run("""
worked = []
async def hangs(feed):
    feed()
    await asyncio.sleep(60)
async def main():
    began_ms = ticks_ms()
    supervisor.start("hangs", hangs, 5_000)
    def work(now_ms):
        worked.append(now_ms - began_ms)
    supervisor.stand_in("hangs", StandIn(work, 3_000, 250))
    await watch(2.9)
    print(len(worked))
    await watch(4)
    print(3_000 <= worked[0] <= 4_100, max(b - a for a, b in zip(worked, worked[1:])) <= 260)
asyncio.run(main())
""")
    assert [line for line in out if not line.startswith("#")] == ["0", "True True"]
