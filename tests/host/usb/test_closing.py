"""An alarm from the squeeze to its end: the centre closes it, and the badge is free again."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.service import Receiver
from nabij.cli.app import app
from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.ports import free_port
from tests.worlds import BADGE, Site, make_site

MODEM = {"rtt_ms": 50, "register_ms": 200, "boot_ms": 200}


def nabij(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def events(badge: VirtualUsbBadge, what: str, start: int = 0) -> list[LoggedEvent]:
    found = [parse_event(line) for line in badge.log[start:].splitlines()]
    return [event for event in found if event is not None and event.what == what]


def set_keepalive(badge: VirtualUsbBadge, site: Site, seconds: int) -> Result:
    return nabij("config", "set", badge.port, f"keepalive_s={seconds}", "--state", site.state)


@pytest.mark.slow
@pytest.mark.requirement("R09")
def test_squeeze_taken_help_closed_and_the_badge_takes_settings_again(tmp_path: Path) -> None:
    port = free_port()
    site = make_site(tmp_path, port=port)
    here = ("--state", site.state, "--by", "J. Smit")
    scenario = Scenario(provision=site.provision, modem=MODEM)
    with (
        Receiver(site.state, port=port, say=lambda _sentence: None),
        VirtualUsbBadge(scenario, tmp_path / "badge") as badge,
    ):
        badge.wait_for_log("link.up")
        start = len(badge.log)
        badge.press(1700)
        badge.wait_for_log("haptic pattern=RECEIVED", start=start)
        refused = set_keepalive(badge, site, 90)
        assert refused.exit_code == 1
        assert "An alarm is open" in refused.stderr
        for verb, felt in (("take", "TAKEN"), ("help", "HELP_COMING")):
            assert nabij("incident", verb, *here).exit_code == 0
            badge.wait_for_log(f"haptic pattern={felt}", start=start)
        closed = json.loads(nabij("incident", "close", *here, "--json").stdout)
        assert (closed["badge"], closed["state_name"]) == (BADGE, "closed")
        badge.wait_for_log("state=CLOSED", start=start)
        assert set_keepalive(badge, site, 90).exit_code == 0
        felt_in_order = [event.fields["pattern"] for event in events(badge, "haptic", start)]
        told = [event.fields["state"] for event in events(badge, "alarm.status", start)]
    assert felt_in_order[:4] == ["RAISED", "RECEIVED", "TAKEN", "HELP_COMING"]
    # After its end the restart for the settings may be felt, nothing of the alarm.
    assert set(felt_in_order[4:]) <= {"ARMED", "PROTECTED"}
    assert told == ["RECEIVED", "TAKEN", "HELP_COMING", "CLOSED"]
