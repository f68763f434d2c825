"""Press to receipt against the real broker and receiver, in live mode, at 200 ms round trip."""

import statistics
from pathlib import Path

from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.virtual.badge import Line, Scenario, VirtualBadge
from tests.ports import free_port
from tests.worlds import make_site

HOLD_MS = 1500
_SQUEEZE = 1600
_WAIT_S = 60.0


def latencies_ms(folder: Path, rtt_ms: int = 200) -> dict[str, float]:
    """Completed squeeze to receipt: `warm` with the link up, `cold` from no connection at all.

    Cold is a modem that is registered but has no socket: TCP, TLS with the chip's public-key
    stalls, MQTT, alarm and receipt all follow the squeeze.
    """
    port = free_port()
    site = make_site(folder, port=port)
    scenario = Scenario(
        mode="live",
        provision=site.provision,
        modem={"rtt_ms": rtt_ms, "register_ms": 1000, "boot_ms": 1000},
    )
    with VirtualBadge(scenario, folder / "badge") as badge:
        # No receiver yet: the badge has its modem up and finds nobody to talk to.
        badge.wait_for(lambda line: _is(line, "link.down"), _WAIT_S)
        with Receiver(site.state, port=port):
            cold_ms = _press_to_receipt(badge)
            badge.wait_for(lambda line: _is(line, "haptic"), _WAIT_S)
            warm_ms = statistics.median(_press_to_receipt(badge) for _ in range(5))
    return {"warm": warm_ms, "cold": cold_ms}


def _press_to_receipt(badge: VirtualBadge) -> float:
    badge.press(_SQUEEZE)
    down = badge.wait_for(_is_down, _WAIT_S)
    assert down.fact is not None
    receipt = badge.wait_for(lambda line: _is(line, "alarm.status"), _WAIT_S)
    event = parse_event(receipt.text)
    assert event is not None
    return event.ticks_ms - float(down.fact["t_ms"]) - HOLD_MS


def _is_down(line: Line) -> bool:
    return line.fact is not None and line.fact.get("sos") == "down"


def _is(line: Line, what: str) -> bool:
    event = parse_event(line.text)
    return event is not None and event.what == what
