"""The life of one virtual badge, and what its wearer and a bystander noticed of it."""

import re
from pathlib import Path
from typing import Any

from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from tests.sim import known
from tests.worlds import Site

# What a bystander could see, hear or (the motor) notice.
PINS = ("motor", "buzzer", "led")
# Armed and connected.
READY_MS = 15_000


def at(at_ms: float, do: str, **more: Any) -> Fact:
    return {"at_ms": at_ms, "do": do, **more}


def squeeze(at_ms: float, ms: int = 1600) -> Fact:
    return at(at_ms, "press", ms=ms)


def tap(at_ms: float, button: str = "left", times: int = 1) -> list[Fact]:
    return [at(at_ms + 300 * n, "press", button=button, ms=120) for n in range(times)]


def hold(at_ms: float, button: str = "left") -> Fact:
    return at(at_ms, "press", button=button, ms=2500)


def scenario(
    site: Site, duration_ms: int, *, modem: dict[str, Any] | None = None, **more: Any
) -> Scenario:
    """A badge of this site with a modem in coverage."""
    return Scenario(
        duration_ms=duration_ms,
        provision=more.pop("provision", site.provision),
        modem=site.modem(**(modem or {})),
        **more,
    )


def lived(
    site: Site,
    tmp_path: Path,
    duration_ms: int,
    events: list[Fact],
    *,
    settings: dict[str, Any] | None = None,
    modem: dict[str, Any] | None = None,
    trace: Trace | None = None,
) -> Run:
    """One life of a badge with these settings; nothing in it failed."""
    chosen = {"shift_test": (settings or {}).get("profile") == "pna11", **(settings or {})}
    number = len(list(tmp_path.iterdir()))
    run = run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision_with(tmp_path / f"provision{number}", chosen),
            modem=site.modem(**(modem or {})),
            events=events,
            trace=trace,
        )
    )
    assert not said(run, "supervisor.crash")
    assert not said(run, "haptic.dropped")
    assert run.exit_codes == [0]
    return run


def said(run: Run, what: str, **fields: str) -> list[LoggedEvent]:
    """What its console told of `what`, with these fields; only what the firmware can tell."""
    assert what in known.events(), f"the firmware logs no {what!r}"
    return [
        event
        for event in logged(run)
        if event.what == what
        and all(event.fields.get(name) == value for name, value in fields.items())
    ]


def logged(run: Run) -> list[LoggedEvent]:
    """All that its console told; each line that begins as an event is one, whole."""
    found = []
    for line in run.console:
        event = parse_event(line)
        assert event or not re.match(r"# \d+ [a-z_.]+ ", line), f"no tool can read {line!r}"
        if event is not None:
            found.append(event)
    return found


def incidents(run: Run) -> list[tuple[int, int, int]]:
    """(boot, seq, kind) of each incident at the receiver, in order."""
    return [(fact["boot"], fact["seq"], fact["kind"]) for fact in told(run)]


def assert_still_armed(run: Run) -> None:
    """No task died and no watchdog bit."""
    assert not said(run, "supervisor.crash")
    assert not said(run, "supervisor.starving")
    assert run.exit_codes[-1] == 0


def felt(run: Run) -> list[str]:
    return [event.fields["pattern"] for event in said(run, "haptic")]


def felt_at(run: Run, signal: str) -> list[int]:
    return [event.ticks_ms for event in said(run, "haptic", pattern=signal)]


def on(run: Run, pin: str, from_ms: float = 0, to_ms: float = 1e12) -> list[Fact]:
    """The times at which an output came on."""
    return [fact for fact in run.facts if fact.get(pin) and from_ms <= fact["t_ms"] < to_ms]


def told(run: Run, what: str = "incident") -> list[Fact]:
    return [fact for fact in run.facts if fact.get("remote") == what]


def outputs(run: Run) -> list[tuple[float, str, int]]:
    return [(fact["t_ms"], pin, fact[pin]) for fact in run.facts for pin in PINS if pin in fact]


def assert_the_same_to_a_bystander(one: Run, other: Run, from_ms: float) -> None:
    """Each output does the same from here on, and none a pulse's length (150 ms) apart.

    TLS draws real random numbers, so what came before differs by chance: a flash write falls into
    a pulse or just after it, and of light and sound the other comes first.
    """
    for pin in PINS:
        a, b = (
            [row for row in outputs(run) if row[1] == pin and row[0] >= from_ms]
            for run in (one, other)
        )
        assert [level for _, _, level in a] == [level for _, _, level in b], pin
        for (a_ms, _, _), (b_ms, _, _) in zip(a, b, strict=True):
            assert abs(a_ms - b_ms) < 150, pin
