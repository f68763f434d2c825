"""Press to the alarm centre's ACK: real badge, broker, receiver and pysiaalarm, LTE modelled.

In real time, so that every part does what it does; from the first touch of the buttons, the hold
of 1.5 s and all. The ACK is there when the receiver has committed it.
"""

import math
import time
from functools import partial
from pathlib import Path

from nabij.centre.handover import arcs, rows
from nabij.centre.handover.handover import NAME, Handover
from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.virtual.badge import Line, Scenario, VirtualBadge
from tests.host.centre.handover.arc_process import ArcProcess
from tests.ports import free_port
from tests.waiting import wait_until
from tests.worlds import BADGE, make_site

# Round trips of LTE-M that is well and of one at the edge of a cell.
RTTS_MS = (200, 600)
_SQUEEZE_MS = 1600
_WAIT_S = 120.0


def acknowledged_s(folder: Path, rtt_ms: int, presses: int) -> list[float]:
    """Seconds from each press to the centre's ACK; of every third the link goes at the press."""
    port = free_port()
    site = make_site(folder, port=port)
    arc = ArcProcess(folder, ["1234"], free_port())
    arc.start()
    scenario = Scenario(
        mode="live",
        provision=site.provision,
        modem={"rtt_ms": rtt_ms, "register_ms": 1000, "boot_ms": 1000},
    )
    receiver = Receiver(site.state, port=port)
    handing = Handover(receiver, lambda _sentence: None)
    receiver.listen(NAME, handing.hear)
    receiver.attach(handing)
    receiver.recur(lambda _receiver: handing.job())
    text = (
        f'[arcs.north]\naddresses = ["127.0.0.1:{arc.port}"]\naccount = "1234"\n'
        f"[arcs.north.badges]\n{BADGE} = 1\n"
    )
    found = []
    try:
        with receiver, VirtualBadge(scenario, folder / "badge") as badge:
            receiver.store.write(lambda one: rows.replace_arcs(one, arcs.read(text, {}), 1))
            badge.wait_for(lambda line: _is(line, "link.up"), _WAIT_S)
            for number in range(presses):
                if number % 3 == 2:
                    badge.send({"do": "modem", "what": "hang_up"})
                began_s = time.monotonic()
                badge.press(_SQUEEZE_MS)
                wait_until(partial(_has, receiver, number + 1), _WAIT_S)
                found.append(time.monotonic() - began_s)
                badge.wait_for(lambda line: _is(line, "haptic"), _WAIT_S)
    finally:
        arc.end()
    return found


def figures(folder: Path) -> dict[str, float]:
    """The 95th in a hundred, and the worst, of twenty presses on each network."""
    every = []
    for rtt_ms in RTTS_MS:
        (folder / str(rtt_ms)).mkdir(parents=True)
        every += acknowledged_s(folder / str(rtt_ms), rtt_ms, 20)
    every.sort()
    return {
        "centre.ack_p50_s": every[len(every) // 2],
        "centre.ack_p95_s": every[math.ceil(0.95 * len(every)) - 1],
        "centre.ack_worst_s": every[-1],
    }


def _has(receiver: Receiver, acknowledged: int) -> bool:
    newest = receiver.store.read(lambda one: rows.newest(one, 100))
    return sum(row.state is rows.State.ACKNOWLEDGED for row in newest) == acknowledged


def _is(line: Line, what: str) -> bool:
    event = parse_event(line.text)
    return event is not None and event.what == what
