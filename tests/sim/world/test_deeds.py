"""What the verbs do to a badge, and what of them outlives a restart."""

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Run, VirtualBadge, VirtualBadgeError, run_fast
from nabij.virtual.scenario import Scenario
from tests.sim.stub import run_main
from tests.worlds import Site

WAIT = "import asyncio\nasyncio.run(asyncio.sleep(100))\n"


def facts(run: Run, key: str) -> list[Any]:
    return [fact[key] for fact in run.facts if key in fact]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"modem": {"no_covrage_ms": []}},
            "The modem knows no option 'no_covrage_ms': did you me",
        ),
        (
            {"modem": {"remote": {"recipts": 1}}},
            "'remote' knows no option 'recipts': did you mean",
        ),
        ({"imu": {"odr": 1}}, "The accelerometer knows no option 'odr': did you mean 'odr_ppm'"),
        (
            {"pmu": {"prcent": 1}},
            "The power chip knows no option 'prcent': did you mean 'percent'",
        ),
        ({"stalls": {"gc": 1}}, "There is no stall 'gc': did you mean"),
        ({"mode": "fats"}, "The scenario has 'mode' as one of fast, live, not 'fats'"),
        ({"events": [{"at_ms": 1, "do": "press", "ms": 1, "buton": 1}]}, "'buton'"),
        ({"events": [{"at_ms": 1, "do": "modem", "what": "hang_up"}]}, "no modem"),
        ({"events": [{"at_ms": 1, "do": "play", "trace": "/x"}]}, "There is no trace file /x"),
        (
            {"events": [{"at_ms": 10_001, "do": "imu_reset"}]},
            "ends at 10000 ms, before its 'imu_r",
        ),
    ],
)
def test_what_the_simulator_does_not_know_it_refuses_in_one_sentence(
    tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    with pytest.raises(VirtualBadgeError) as refused:
        run_main(tmp_path, WAIT, **change)
    said = str(refused.value)
    assert said.startswith("The scenario cannot be run: ")
    assert why in said
    assert "\n" not in said


def test_a_live_badge_refuses_what_it_is_sent(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(WAIT)
    with VirtualBadge(Scenario(mode="live", main=main), tmp_path / "badge") as badge:
        badge.send({"do": "press", "ms": 5, "buton": "left"})
        with pytest.raises(VirtualBadgeError, match="'buton': did you mean 'button'"):
            badge.wait_for(lambda _line: False, 10.0)
        badge.send({"do": "press", "ms": 5, "button": "left"})
        badge.wait_for(lambda line: (line.fact or {}).get("sos") == "down", 10.0)


def test_a_verb_comes_again_and_again(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        WAIT,
        events=[{"at_ms": 1000, "do": "imu_reset", "every_ms": 2000, "until_ms": 7000}],
    )
    assert [f["t_ms"] for f in run.facts if f.get("imu") == "reset"] == [1000, 3000, 5000, 7000]


def test_a_verb_waits_for_what_is_observed(tmp_path: Path) -> None:
    """The second time that the accelerometer resets itself, and not after its time is over."""
    resets = [{"at_ms": 1000 * n, "do": "imu_reset"} for n in (1, 3, 5, 6)]
    waits = {"once": {"imu": "reset"}, "do": "press", "ms": 50}
    run = run_main(
        tmp_path,
        WAIT,
        events=[
            *resets,
            {**waits, "nth_time": 2, "later_ms": 250, "button": "left"},
            {**waits, "nth_time": 3, "before_ms": 4000, "button": "left"},
            {**waits, "once": {"imu": "never"}},
        ],
    )
    assert [fact["t_ms"] for fact in run.facts if fact.get("sos") == "down"] == [3250]
    with pytest.raises(VirtualBadgeError, match="'nth_time' as a whole number from 1"):
        run_main(tmp_path, WAIT, events=[{**waits, "nth_time": 0}])


def test_what_lasts_goes_on_after_a_restart_for_the_rest_of_its_time(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        "import machine, time\n"
        "if machine.reset_cause() == machine.PWRON_RESET:\n"
        "    time.sleep(3)\n"
        "    machine.reset()\n" + WAIT,
        events=[
            {"at_ms": 2000, "do": "press", "ms": 3000, "button": "left"},
            {"at_ms": 2000, "do": "i2c_fault", "kind": "nak", "for_ms": 4000},
            {"at_ms": 2500, "do": "line_stuck", "line": "ri", "level": 0, "for_ms": 1500},
            {"at_ms": 2000, "do": "imu_reset"},
        ],
    )
    assert run.exit_codes == [42, 0]
    ends = {str(f.get("sos") or f.get("i2c") or f.get("short")): f["t_ms"] for f in run.facts}
    assert (round(ends["up"]), round(ends["healed"]), round(ends["ri"])) == (5000, 6000, 4000)
    assert facts(run, "imu") == ["reset"]


def test_a_short_circuit_holds_a_line_against_whoever_drives_it(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        "import time\nfrom machine import Pin\n"
        "dtr, button = Pin(42, Pin.OUT, value=0), Pin(14, Pin.IN, Pin.PULL_DOWN)\n"
        "edges = []\n"
        "button.irq(lambda pin: edges.append(pin.value()))\n"
        "time.sleep(2)\n"
        "dtr.on()\n"
        "print(dtr.value(), button.value())\n"
        "time.sleep(3)\n"
        "print(dtr.value(), button.value(), edges)\n",
        events=[
            {"at_ms": 1000, "do": "line_stuck", "line": "dtr", "level": 0, "for_ms": 3000},
            {"at_ms": 1000, "do": "line_stuck", "line": "sos", "level": 1, "for_ms": 2000},
            {"at_ms": 2000, "do": "line_stuck", "line": "sos", "level": 1, "for_ms": 2000},
        ],
    )
    assert run.console == ["0 1", "1 0 [1, 0]"]


def test_under_heap_pressure_an_allocation_fails_and_later_it_does_not(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        "import gc, time\n"
        "def take(n):\n"
        "    try:\n"
        "        return len(bytearray(n))\n"
        "    except MemoryError:\n"
        "        return 'MemoryError'\n"
        "time.sleep(1)\n"
        "free = gc.mem_free()\n"
        "print(free < 80 * 1024, take(20_000), take(200_000))\n"
        "time.sleep(3)\n"
        "print(gc.mem_free() > 10 * free, take(200_000))\n",
        events=[{"at_ms": 500, "do": "heap_pressure", "free_kb": 64, "for_ms": 2000}],
    )
    assert run.console == ["True 20000 MemoryError", "True 200000"]


def test_a_modem_that_is_denied_loses_what_was_open_and_registers_later(site: Site) -> None:
    run = run_fast(
        Scenario(
            duration_ms=90_000,
            provision=site.provision,
            modem=site.modem(denied_ms=[[0, 20_000]]),
            events=[{"at_ms": 60_000, "do": "modem", "what": "deny", "for_ms": 10_000}],
        )
    )
    stats = [(f["t_ms"], f["stat"]) for f in run.facts if f.get("modem") == "registration"]
    early = [(at, stat) for at, stat in stats if at < 60_000]
    # It asks again and is refused again, as long as that lasts.
    assert early[0][1] == 3
    assert {stat for at, stat in early if at < 20_000} == {3, 2}
    assert early[-1][1] == 1
    late = [(at, stat) for at, stat in stats if at >= 60_000]
    assert late[0] == (60_000, 3)
    assert any(f.get("modem") == "registration" and f["stat"] == 2 for f in run.facts)


def test_the_modem_says_what_nobody_asked_for(tmp_path: Path, site: Site) -> None:
    run = run_main(
        tmp_path,
        "import time\nfrom machine import UART\n"
        "uart = UART(1, 115200, tx=5, rx=4, rxbuf=4096)\n"
        "time.sleep(3)\n"
        "print((uart.read() or b'').split())\n",
        modem=site.modem(powered=True, boot_ms=100, register_ms=100),
        events=[{"at_ms": 2000, "do": "modem", "what": "unasked"}],
    )
    for said in ("DST:", "*PSUTTZ:", "+CTZV:", "+CPSMSTATUS:"):
        assert said in run.console[0]
