"""A life of a badge in bad weather, drawn from a seed: what befalls it and when it is pressed.

`python -m tests.sim.weather SEED` lives one and prints it.

It storms for five minutes and is clear after that, so that what is open then has time to arrive.
Whatever is drawn can happen beside anything else: long round trips and losses, a network that
forgets silent connections, spans without coverage, denials, a broker that refuses, ends or takes
connections without a word, a modem that browns out, hangs or says rubbish, a network time that is
wrong, a badge that starts again, and a gateway nearby that comes and goes.
"""

import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.alarm import kinds
from nabij.event_lines import LoggedEvent
from nabij.virtual import site as sites
from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.sim.lives import at, felt_at, said, squeeze
from tests.worlds import Site, make_site

STORM_MS: Final = 300_000
CLEAR_MS: Final = 300_000
SQUEEZE_MS: Final = 1_600
# R18, and what feeling it takes: the pattern before it, and a round of the task.
TOLD_MS: Final = 30_000 + 4_000
# What the receiver says of an alarm that it has, and the signal of each; the last word is felt.
_HEARD: Final = ("RECEIVED", "TAKEN", "HELP_COMING")


@dataclass(frozen=True, slots=True)
class Weather:
    """What was drawn; `pressed_ms` is when the squeeze begins."""

    seed: int
    modem: Fact
    ble: Fact | None
    settings: Fact
    events: list[Fact]
    pressed_ms: int


def drawn(seed: int) -> Weather:
    """The weather of this seed, the same on every machine."""
    draw = random.Random(seed)
    pressed_ms = draw.randrange(3_000, STORM_MS - 30_000)
    has_gateway = draw.random() < 0.3
    profile = draw.choice(["discreet", "pna11"])
    return Weather(
        seed=seed,
        modem=_network(draw),
        ble={"away_ms": _spans(draw, 3, 60_000)} if has_gateway else None,
        settings={
            "profile": profile,
            "shift_test": profile == "pna11" or draw.random() < 0.2,
            "ble_after_s": draw.choice([10, 30]) if has_gateway else 0,
            "more_addresses": draw.choice(["", "b.example c.example:9000"]),
        },
        events=[squeeze(pressed_ms, SQUEEZE_MS), *_blows(draw, pressed_ms)],
        pressed_ms=pressed_ms,
    )


def lived(site: Site, folder: Path, weather: Weather) -> Run:
    """The life of a badge in this weather, whatever it is."""
    remote = sites.remote(site.state, site.provision) | weather.modem.get("remote", {})
    settings = dict(weather.settings)
    return run_fast(
        Scenario(
            duration_ms=STORM_MS + CLEAR_MS,
            provision=site.provision_with(folder / "provision", settings),
            modem={**weather.modem, "remote": remote},
            ble=weather.ble,
            events=weather.events,
            seed=weather.seed,
        ),
        folder=folder / "badge",
    )


def faults(weather: Weather, run: Run) -> list[str]:
    """What went wrong with its alarms, a sentence each; empty when nothing did."""
    found = []
    if run.exit_codes[-1] != 0:
        found.append(f"it ended with {run.exit_codes}")
    if crashes := said(run, "supervisor.crash"):
        found.append(f"a task died: {crashes[0].fields}")
    opened = _keys(said(run, "alarm.opened", kind="sos", state="RAISED"))
    incidents = [
        (str(fact["boot"]), str(fact["seq"]))
        for fact in run.facts
        if fact.get("remote") == "incident" and fact["kind"] == kinds.SOS
    ]
    if not opened:
        found.append("the squeeze raised no alarm")
    if sorted(set(incidents)) != sorted(set(opened)):
        found.append(f"alarms {opened}, incidents {incidents}")
    # The server inside the simulator forgets with the badge's own process.
    if len(run.exit_codes) == 1 and len(set(incidents)) != len(incidents):
        found.append(f"more than one incident of an alarm: {incidents}")
    heard = [event for state in _HEARD for event in said(run, "alarm.status", state=state)]
    if not set(opened) <= set(_keys(heard)):
        found.append("no receipt reached the badge")
    found += _untold(weather, run)
    return found


def _untold(weather: Weather, run: Run) -> list[str]:
    raised = said(run, "alarm.opened", kind="sos", state="RAISED")
    if not raised or any(fact.get("do") == "brownout" for fact in weather.events):
        # Ticks begin anew with each start.
        return []
    from_ms = raised[0].ticks_ms
    told = [ms for name in ("NOT_DELIVERED", *_HEARD) for ms in felt_at(run, name)]
    if any(from_ms <= ms <= from_ms + TOLD_MS for ms in told):
        return []
    return [f"nothing was felt from {from_ms} to {from_ms + TOLD_MS} ms: {sorted(told)}"]


def _keys(events: list[LoggedEvent]) -> list[tuple[str, str]]:
    return [(event.fields["boot"], event.fields["seq"]) for event in events]


def _network(draw: random.Random) -> Fact:
    options: dict[str, Any] = {
        "rtt_ms": draw.choice([60, 200, 600, 1500, 3000]),
        "loss": draw.choice([0, 0, 0.02, 0.1, 0.25]),
        "seed": draw.randrange(1, 65536),
        "register_ms": draw.choice([1000, 2000, 10_000, 40_000]),
        "nat_ms": draw.choice([0, 0, 30_000, 70_000, 200_000]),
        "no_coverage_ms": _spans(draw, 3, 120_000),
        "denied_ms": _spans(draw, 2, 60_000),
        "unasked": draw.random() < 0.3,
        "psm": draw.random() < 0.2,
        "hollow_bearers": draw.choice([0, 0, 0, 1, 2]),
        "ri_lead_ms": draw.choice([0, 0, 20]),
        "remote": {
            "refuse_connects": draw.choice([0, 0, 1, 4]),
            "refuse_subscriptions": draw.choice([0, 0, 0, 1]),
            "receipt_delay_ms": draw.choice([0, 0, 1000, 8000]),
            "then": draw.choice([[], [[2, 20_000]], [[2, 5_000], [3, 60_000]]]),
            "poison": draw.choice(["none", "none", "none", "long", "topic", "rubbish"]),
        },
    }
    if draw.random() < 0.2:
        options["wrong_time_ms"] = _spans(draw, 2, 100_000)
        options["wrong_by_s"] = draw.choice([-86_400 * 30, -7200, 90, 86_400 * 3])
    if draw.random() < 0.2:
        options["remote"]["drop_at_packet"] = draw.randrange(2, 14)
    return options


def _spans(draw: random.Random, most: int, longest_ms: int) -> list[list[int]]:
    """At most so many spans of the storm, one after the other."""
    spans: list[list[int]] = []
    from_ms = 0
    for _ in range(draw.randrange(most + 1)):
        start_ms = from_ms + draw.randrange(60_000)
        end_ms = min(start_ms + draw.randrange(1_000, longest_ms), STORM_MS)
        if start_ms >= end_ms:
            break
        spans.append([start_ms, end_ms])
        from_ms = end_ms + 1_000
    return spans


def _blows(draw: random.Random, pressed_ms: int) -> list[Fact]:
    """What happens to the modem and the badge at single moments of the storm."""
    choices: list[tuple[str, Fact]] = [
        ("modem", {"what": "power_loss"}),
        ("modem", {"what": "hang_up"}),
        ("modem", {"what": "hang"}),
        ("modem", {"what": "deny", "for_ms": draw.randrange(1_000, 60_000)}),
        ("modem", {"what": "unasked"}),
        ("modem", {"what": "noise", "hex": draw.randbytes(draw.randrange(1, 40)).hex()}),
        ("modem", {"what": "lose", **_bytes(draw)}),
        ("modem", {"what": "spoil", **_bytes(draw)}),
        ("stall", {"ms": draw.randrange(50, 900)}),
    ]
    blows = [
        at(draw.randrange(2_000, STORM_MS), do, **more)
        for do, more in draw.choices(choices, k=draw.randrange(6))
    ]
    if draw.random() < 0.15:
        blows.append(at(_outside(draw.randrange(5_000, STORM_MS), pressed_ms), "brownout"))
    return sorted(blows, key=lambda blow: float(blow["at_ms"]))


def _outside(at_ms: int, pressed_ms: int) -> int:
    """Not within the squeeze: one that the badge does not see to its end is none."""
    is_within = pressed_ms - 1_000 < at_ms < pressed_ms + SQUEEZE_MS + 1_000
    return at_ms + 5_000 if is_within else at_ms


def _bytes(draw: random.Random) -> Fact:
    return {"byte": draw.randrange(1, 400), "count": draw.randrange(1, 9)}


def main() -> int:
    """Live the weather of one seed and print it."""
    weather = drawn(int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        run = lived(make_site(Path(folder) / "site"), Path(folder), weather)
    print(*run.console, sep="\n")
    print(weather)
    print(*[fact for fact in run.facts if "remote" in fact], sep="\n")
    print("faults:", faults(weather, run))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
