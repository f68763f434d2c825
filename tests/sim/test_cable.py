"""A silent alarm cannot be read on the cable: the same bytes with and without one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from tests.firmware.tasks.usb.console import asked, proof
from tests.sim.lives import hold, said, squeeze, tap
from tests.worlds import Site

VERBS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("hello", {}),
    ("status", {}),
    ("log", {}),
    ("config.get", {}),
    ("config.get", {"start": 8}),
    ("config.stage", {"settings": {}}),
    ("config.commit", {}),
    ("config.revert", {}),
    ("provision.state", {}),
    ("provision.begin", {}),
    ("provision.commit", {}),
    ("update.status", {}),
    ("update.begin", {}),
    ("selftest", {"check": "imu"}),
    ("selftest", {"check": "flash"}),
    ("selftest", {"check": "button"}),
    ("reset", {}),
    ("list", {"path": "/"}),
    ("get", {"path": "/alarms", "offset": 0}),
    ("authorise", {"mac": "00" * 32}),
    ("fly", {}),
)
ENDS_MS = 75_000


def questions() -> list[Fact]:
    """Everything that can be asked, again and again from before the alarm to its end."""
    return [
        asked(9_000 + 60_000 * n / 200, n, verb, **fields)
        for n in range(200)
        for verb, fields in [VERBS[n % len(VERBS)]]
    ]


def heard(run: Run) -> list[str]:
    """What came out of the port; a nonce is another each time."""
    lines = [fact["usb_line"] for fact in run.facts if "usb_line" in fact]
    return [re.sub(r'(?<="nonce": )"[0-9a-f]{32}"', "0", line) for line in lines]


def lived(
    site: Site, provision: Path, events: list[Fact], trace: Trace | None = None, **modem: Any
) -> Run:
    return run_fast(
        Scenario(
            duration_ms=ENDS_MS,
            provision=provision,
            modem=site.modem(**modem),
            events=[*questions(), *events],
            trace=trace,
            hear_usb=True,
        )
    )


@pytest.mark.requirement("R19")
@pytest.mark.parametrize("kind", ["squeeze", "fall", "amber", "called false", "undelivered"])
def test_an_alarm_changes_no_byte_on_the_cable(
    site: Site, tmp_path: Path, fall: Trace, kind: str
) -> None:
    provision = site.provision_with(tmp_path / "provision", {"shift_test": False})
    quiet = lived(site, provision, [])
    events = {
        "squeeze": [squeeze(20_000)],
        "fall": [],
        "amber": [hold(20_000)],
        "called false": [squeeze(20_000), *tap(40_000, "right")],
        "undelivered": [squeeze(20_000)],
    }[kind]
    spans = [[19_000, 90_000]] if kind == "undelivered" else []
    loud = lived(site, provision, events, fall if kind == "fall" else None, no_coverage_ms=spans)
    assert said(loud, "alarm.state")
    assert heard(loud) == heard(quiet)
    answers = [line for line in heard(quiet) if line.startswith("!")]
    assert len(answers) == 200


def test_whoever_has_the_key_is_told_all(site: Site, tmp_path: Path) -> None:
    provision = site.provision_with(tmp_path / "provision", {"shift_test": False})
    events = [
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
        squeeze(4_000),
        asked(8_000, 3, "status"),
        asked(8_200, 4, "log"),
        asked(8_400, 5, "selftest", check="clock"),
    ]
    run = run_fast(Scenario(duration_ms=10_000, provision=provision, events=events, hear_usb=True))
    lines = heard(run)
    answers = {
        json.loads(line[1:])["id"]: json.loads(line[1:]) for line in lines if line[0] == "!"
    }
    assert answers[3]["ok"]["open_alarms"] == 1
    assert any("alarm.durable" in text for _, _, text in answers[4]["ok"]["records"])
    assert "ok" in answers[5]
    assert any("alarm.durable" in line for line in lines if line.startswith("# "))


def test_an_alarm_that_everybody_hears_is_no_secret(site: Site, tmp_path: Path) -> None:
    provision = site.provision_with(tmp_path / "provision", {"profile": "pna11"})
    run = run_fast(
        Scenario(
            duration_ms=10_000,
            provision=provision,
            events=[squeeze(4_000), asked(8_000, 3, "status")],
            hear_usb=True,
        )
    )
    lines = heard(run)
    assert any(line.startswith("# ") and "alarm.durable" in line for line in lines)
    assert any('"open_alarms": 1' in line for line in lines)
