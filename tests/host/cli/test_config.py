"""`nabij config set`: what it refuses before it asks a badge, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from typer.testing import CliRunner, Result

from nabij.cli.app import app
from nabij.usb import settings
from nabij.usb.device import open_device
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.worlds import Site


def nabij(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture(scope="module")
def badge(site: Site) -> Iterator[VirtualUsbBadge]:
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off")) as running:
        running.wait_for_log("armed can_send=True")
        yield running


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("keepalve_s=30", "There is no setting 'keepalve_s': did you mean 'keepalive_s'?"),
        ("keepalive_s", "'keepalive_s' has no value: write keepalive_s=VALUE"),
        ("keepalive_s=soon", "keepalive_s"),
        ("keepalive_s=99999", "choose from 10 to 890"),
    ],
)
def test_what_no_badge_would_take_is_refused_before_one_is_asked(word: str, says: str) -> None:
    done = nabij("config", "set", "/dev/no-badge-here", word, "--state", "receiver")
    assert done.exit_code == 2
    assert says in done.stderr
    assert "no-badge-here" not in done.stderr


def test_settings_that_a_badge_has_restart_nothing(badge: VirtualUsbBadge, site: Site) -> None:
    with open_device(badge.port) as device:
        boot = device.info["boot"]
    words = ("profile=discreet", "keepalive_s=default", "--state", str(site.state))
    done = nabij("config", "set", badge.port, *words)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "The badge has these settings already: profile discreet, 1 of its defaults changed.\n"
    )
    with open_device(badge.port) as device:
        assert device.info["boot"] == boot


def test_a_script_reads_what_is_in_force(badge: VirtualUsbBadge, site: Site) -> None:
    words = ("profile=discreet", "keepalive_s=default", "--state", str(site.state), "--json")
    done = nabij("config", "set", badge.port, *words)
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["changed"], found["profile"]) == (False, "discreet")
    listed = json.loads(nabij("config", "profile", "--json").stdout)
    assert listed["profiles"] == ["discreet", "pna11"]
    shown = json.loads(nabij("config", "profile", "pna11", "--json").stdout)
    assert shown["settings"]["profile"] == "pna11"


def test_ctrl_c_says_what_the_badge_does_next(
    badge: VirtualUsbBadge, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed_while_it_waits(*_arguments: object) -> Mapping[str, object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(settings, "visits", typed_while_it_waits)
    done = nabij("config", "set", badge.port, "keepalive_s=30", "--state", str(site.state))
    assert done.exit_code == 130
    assert done.stderr.startswith("Interrupted: the badge goes back to the settings it had")


def test_a_badge_is_compared_by_its_address(badge: VirtualUsbBadge) -> None:
    done = nabij("config", "diff", "discreet", badge.port)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split() == ["setting", "discreet", "the", "badge"]
