"""Lives with SMS, and what of them was heard; for the tests of it."""

from pathlib import Path
from typing import Any

from badge.core.codec import sms_text, wire
from nabij.virtual.badge import Fact, Run, run_fast
from nabij.virtual.scenario import Scenario
from tests.sim.lives import squeeze
from tests.worlds import Site

PRESS_MS = 60_000
AFTER_S = 15
NUMBER = "+31612345678"
CARD = "8931080000000012345"
SETTINGS = {"shift_test": False, "sms_to": NUMBER, "sms_after_s": AFTER_S}
# Registered, and no data: the bearer comes up without an address, for ever.
NO_DATA = {"hollow_bearers": 100_000}


def lived(site: Site, folder: Path, duration_ms: int, **more: Any) -> Run:
    """One life without data, on a SIM (`card`) on which the test has passed."""
    sms = more.pop("sms", {})
    modem = NO_DATA | more.pop("modem", {}) | {"sms": sms}
    events = more.pop("events", [squeeze(PRESS_MS)])
    number = len(list(folder.iterdir()))
    settings = SETTINGS | more.pop("settings", {})
    provision = site.provision_with(folder / f"provision{number}", settings)
    card = more.pop("card", CARD)
    if card:
        (provision / "sms").write_text(f"{card} 1800000000 {NUMBER}")
    return run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=provision,
            modem=site.modem(**modem),
            events=events,
            **more,
        )
    )


def texts(run: Run, what: str = "sent") -> list[Fact]:
    return [fact for fact in run.facts if fact.get("sms") == what]


def alarm_in(fact: Fact, site: Site) -> Any:
    key = bytes.fromhex(site.modem()["remote"]["hmac_key"])
    return wire.decode_alarm(sms_text.decode(fact["text"]), lambda _badge: key)


def outputs(run: Run) -> list[float]:
    return [fact["t_ms"] for fact in run.facts if {"motor", "buzzer", "led"} & fact.keys()]
