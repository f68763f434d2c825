"""Press to receipt by each path, and the bytes of it, in virtual time; drawn from seeds.

A life is one press. What the mobile network is like in it is drawn (`Network`), and what has
befallen the connection just before (`STATES`). Nobody has measured either: the medians are
assumptions, each with its reason, and the figures are told for each state, so that whoever knows
how often one occurs can weigh them anew.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.alarm import kinds
from badge.core.codec import sms_text, wire
from nabij.event_lines import parse_event
from nabij.virtual import site as sites
from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.worlds import BADGE, Site

SEEDS: Final = 200
OTHER_SEEDS: Final = 40
BLE_AFTER_S: Final = 15
HOLD_MS: Final = 1_500
_SQUEEZE_MS: Final = 1_600
# Between two pings, when the radio has been let go.
_PRESS_MS: Final = 100_000
_LIFE_MS: Final = _PRESS_MS + 90_000
# IPv4 and TCP without options, on each segment, and on the bare acknowledgement of each.
_HEADER: Final = 40
_DAY_S: Final = 86_400
_HEARTBEAT_S: Final = 300

# What the connection is in when the wearer presses, and of a hundred presses how many; the shares
# are assumptions. `idle`: it is open, and the radio connects anew (RRC). `forgotten`: the network
# dropped the silent connection and told nobody. `attach`: it has just thrown the badge out, which
# has to register again. `off`: the modem is off, as after PSM or a brownout, and nobody knows yet:
# power key, start, registration. (The driver keeps PSM off.)
STATES: Final[dict[str, int]] = {"idle": 80, "forgotten": 8, "attach": 8, "off": 4}


@dataclass(frozen=True)
class Network:
    """Of one life. All assumptions: a round trip in coverage, some 100 ms or more for a radio
    connection, a registration of a modem that knows its cell, a start from the power key.
    """

    rtt_ms: float
    rrc_ms: float
    register_ms: float
    boot_ms: float
    loss: float

    @classmethod
    def drawn(cls, draw: random.Random) -> "Network":
        """Around the medians, twice as much for one in twenty."""

        def around(median_ms: float, spread: float) -> float:
            return round(median_ms * math.exp(draw.gauss(0, spread)), 1)

        return cls(
            rtt_ms=around(150, 0.5),
            rrc_ms=around(250, 0.5),
            register_ms=around(3_000, 0.4),
            boot_ms=around(2_500, 0.2),
            loss=draw.choice([0, 0, 0.01, 0.03]),
        )


@dataclass(frozen=True)
class Press:
    """One life; `took_ms` from the completed squeeze to the receipt, None without one."""

    path: str
    state: str
    seed: int
    took_ms: float | None


def lte_m(site: Site, folder: Path, seeds: Iterable[int], state: str = "") -> list[Press]:
    """Presses over LTE-M, in one state or in all of them by their shares."""
    found = []
    for seed in seeds:
        draw = random.Random(seed)
        network = Network.drawn(draw)
        drawn = draw.choices(list(STATES), weights=list(STATES.values()))[0]
        befalls = state or drawn
        settings: Fact = {"shift_test": False}
        modem = {
            "rtt_ms": network.rtt_ms,
            "rrc_ms": network.rrc_ms,
            "register_ms": network.register_ms,
            "boot_ms": network.boot_ms,
            "loss": network.loss,
            "seed": seed + 1,
        }
        events: list[Fact] = []
        before_ms = draw.uniform(0, 5_000)
        if befalls == "forgotten":
            # The ping is still to come, which would find it out.
            settings |= {"keepalive_s": 120, "keepalive_most_s": 120}
            modem["nat_ms"] = 20_000
        elif befalls == "attach":
            events.append(_modem(_PRESS_MS - before_ms, "deny", for_ms=draw.uniform(200, 1_000)))
        elif befalls == "off":
            events.append(_modem(_PRESS_MS - before_ms, "power_loss"))
        run = _lived(site, folder / f"lte_m-{befalls}-{seed}", settings, modem, events=events)
        found.append(Press("lte_m", befalls, seed, _took_ms(run)))
    return found


def ble(site: Site, folder: Path, seeds: Iterable[int]) -> list[Press]:
    """Presses out of coverage, with a gateway nearby."""
    found = []
    for seed in seeds:
        draw = random.Random(seed)
        gateway = {
            "hear_ms": round(draw.uniform(50, 1_000)),
            "fetch_ms": round(draw.uniform(60, 400)),
            "rtt_ms": round(draw.uniform(20, 200)),
        }
        modem = {"no_coverage_ms": [[0, 10 * _LIFE_MS]], "seed": seed + 1}
        settings = {"shift_test": False, "ble_after_s": BLE_AFTER_S}
        run = _lived(site, folder / f"ble-{seed}", settings, modem, ble=gateway)
        found.append(Press("ble", "no coverage", seed, _took_ms(run)))
    return found


def wlan(site: Site, folder: Path, seeds: Iterable[int]) -> list[Press]:
    """Presses of a badge that sends by WLAN, joined and connected."""
    found = []
    for seed in seeds:
        draw = random.Random(seed)
        run = run_fast(
            Scenario(
                board="xiao_s3_fob",
                duration_ms=_LIFE_MS,
                provision=site.provision_with(
                    folder / f"provision-{seed}",
                    {"shift_test": False, "wlan_networks": "ward=very secret"},
                ),
                wlan={
                    "name": "ward",
                    "password": "very secret",
                    "rtt_ms": round(draw.uniform(5, 120)),
                    "loss": draw.choice([0, 0.01, 0.05]),
                    "seed": seed + 1,
                    "remote": sites.remote(site.state, site.provision),
                },
                events=[_squeeze()],
                stalls={},
                seed=seed,
            ),
            folder=folder / f"wlan-{seed}",
        )
        found.append(Press("wlan", "joined", seed, _took_ms(run)))
    return found


def percentile_s(presses: Sequence[Press], percent: float) -> float:
    """The time, in seconds, within which so many have their receipt; without one is for ever."""
    took = sorted(math.inf if one.took_ms is None else one.took_ms for one in presses)
    return took[max(math.ceil(len(took) * percent / 100) - 1, 0)] / 1_000


def bytes_of(site: Site, folder: Path) -> dict[str, float]:
    """Bytes on the air of a session's opening, a heartbeat, an alarm and a day, by each path."""
    settings = {"shift_test": False, "keepalive_s": 60, "keepalive_most_s": 60}
    modem = {"observe_bytes": True, "seed": 1}
    calm = _lived(site, folder / "calm", settings, modem, events=[], is_pressed=False)
    opened_ms = next(e.ticks_ms for e in _events(calm) if e.what == "link.up")
    opening = _sent(calm, 0, opened_ms + 5_000)
    heartbeat = _sent(calm, opened_ms + 30_000, opened_ms + 65_000)
    pressed = _lived(site, folder / "pressed", settings, modem)
    # Up to the receipt; the hellos after it follow the alarm for as long as it is open.
    alarm = _sent(pressed, _PRESS_MS + HOLD_MS - 100, _PRESS_MS + 15_000)
    near = _lived(
        site,
        folder / "near",
        {"shift_test": False, "ble_after_s": BLE_AFTER_S},
        {"no_coverage_ms": [[0, 10 * _LIFE_MS]]},
        ble={},
    )
    carried = [fact["bytes"] for fact in near.facts if fact.get("gateway") == "fetched"][:1]
    written = [fact["bytes"] for fact in near.facts if fact.get("gateway") == "wrote"][:1]
    key = b"k" * 32
    frame = wire.encode_alarm(
        key, BADGE, 1, 1, kinds.SOS, 1_000, rev=1, utc_s=1_800_000_000, battery_percent=80
    )
    status = wire.encode_status(
        key, BADGE, 1, 1, wire.STATUS_RECEIVED, 1_800_000_000, rev=1, number=1
    )
    return {
        "bytes.lte_m_opening": opening,
        "bytes.lte_m_heartbeat": heartbeat,
        "bytes.lte_m_alarm": alarm,
        "bytes.lte_m_day": opening + heartbeat * _DAY_S / _HEARTBEAT_S,
        # A beacon of 25 bytes ten times a second is not in it.
        "bytes.ble_alarm": sum(carried) + sum(written),
        "bytes.ble_day": 0,
        "bytes.sms_alarm": len(sms_text.encode(frame)) + len(sms_text.encode(status)),
        "bytes.sms_day": 0,
    }


def figures(site: Site, folder: Path) -> dict[str, float]:
    """The bench: as many lives as the percentiles need."""
    found = figures_of(lte_m(site, folder, range(SEEDS)))
    for state in STATES:
        some = lte_m(site, folder, range(1_000, 1_000 + OTHER_SEEDS), state)
        found[f"delivery.lte_m_{state}_p50_s"] = percentile_s(some, 50)
        found[f"delivery.lte_m_{state}_p95_s"] = percentile_s(some, 95)
    found["delivery.wlan_p95_s"] = percentile_s(wlan(site, folder, range(OTHER_SEEDS)), 95)
    near = percentile_s(ble(site, folder, range(OTHER_SEEDS)), 95)
    found["delivery.ble_p95_beyond_ble_after_s"] = near - BLE_AFTER_S
    return found | bytes_of(site, folder / "bytes")


def figures_of(presses: Sequence[Press]) -> dict[str, float]:
    """The percentiles that are asked for over LTE-M."""
    return {f"delivery.lte_m_p{p}_s": percentile_s(presses, p) for p in (50, 95, 99)}


def _lived(
    site: Site,
    folder: Path,
    settings: Fact,
    modem: dict[str, Any],
    *,
    events: Sequence[Fact] = (),
    ble: Fact | None = None,
    is_pressed: bool = True,
) -> Run:
    remote = sites.remote(site.state, site.provision)
    return run_fast(
        Scenario(
            duration_ms=_LIFE_MS,
            provision=site.provision_with(folder / "provision", settings),
            modem={"rtt_ms": 150, **modem, "remote": remote},
            ble=ble,
            events=sorted(
                [*events, *([_squeeze()] if is_pressed else [])],
                key=lambda event: float(event["at_ms"]),
            ),
            # TLS and flash take what they take on the chip.
            stalls={},
            seed=int(modem.get("seed", 1)),
        ),
        folder=folder / "badge",
    )


def _squeeze() -> Fact:
    return {"at_ms": _PRESS_MS, "do": "press", "ms": _SQUEEZE_MS}


def _modem(at_ms: float, what: str, **more: Any) -> Fact:
    return {"at_ms": at_ms, "do": "modem", "what": what, **more}


def _events(run: Run) -> Iterable[Any]:
    return (event for event in map(parse_event, run.console) if event is not None)


def _took_ms(run: Run) -> float | None:
    for event in _events(run):
        if event.what == "alarm.status" and event.fields["state"] == "RECEIVED":
            return float(event.ticks_ms - _PRESS_MS - HOLD_MS)
    return None


def _sent(run: Run, from_ms: float, to_ms: float) -> float:
    """TCP's payload both ways, with the headers of each segment and of its acknowledgement."""
    sizes = [
        int(fact["bytes"])
        for fact in run.facts
        if fact.get("modem") in {"up", "down"}
        and "bytes" in fact
        and from_ms <= fact["t_ms"] < to_ms
    ]
    return float(sum(sizes) + 2 * _HEADER * len(sizes))
