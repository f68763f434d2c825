"""Settings over USB: tried for one start, confirmed by the host, else undone by the badge."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nabij.errors import NabijError
from nabij.settings.config_file import default_of
from nabij.usb import settings
from nabij.usb.device import BadgeRefusal, Device, open_device
from nabij.usb.keys import service_key
from nabij.usb.reconnect import visits, wait_until
from nabij.usb.settings import apply_settings, read_settings
from nabij.usb.update import restart
from nabij.virtual.badge import ENDED, POWER_CUT, RESET, Run, run_fast
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.firmware.tasks.usb.console import answers, asked
from tests.sim.lives import said
from tests.worlds import BADGE, Site, make_site

KEPT = {"keepalive_s": 100}
TRIED = {"profile": "pna11", "keepalive_s": 50}
CONFIRM_WITHIN_MS = 180_000


def staged(site: Site, folder: Path, *, link: bool, tried: dict[str, Any] | None = None) -> Site:
    """The site's badge with settings in force and others staged, as `config.stage` leaves it."""
    provision = folder / "staged"
    shutil.copytree(site.provision, provision)
    (provision / "config.json").write_text(json.dumps(KEPT))
    trial = {"settings": tried or TRIED, "starts": 0, "link": link, "why": ""}
    (provision / "config.trial").write_text(json.dumps(trial))
    return Site(site.state, provision)


def run(site: Site, duration_ms: int, folder: Path | None = None, **more: Any) -> Run:
    scenario = Scenario(duration_ms=duration_ms, provision=site.provision, **more)
    return run_fast(scenario, folder=folder)


def profiles(run: Run) -> list[tuple[str, str]]:
    """Profile of each start, and whether it was on trial."""
    return [(one.fields["profile"], one.fields["trial"]) for one in said(run, "config")]


@pytest.mark.requirement("R14")
def test_without_the_service_key_nothing_can_be_changed(site: Site) -> None:
    verbs = ("config.stage", "config.commit", "config.revert", "provision.begin")
    asks = [asked(3000 + 100 * n, n, verb, settings={}) for n, verb in enumerate(verbs)]
    got = answers(run(site, 5000, events=asks))
    assert [got[n]["error"] for n in range(len(verbs))] == ["usb.locked"] * len(verbs)


def test_a_badge_nobody_confirms_goes_back_by_itself(site: Site, tmp_path: Path) -> None:
    ran = run(staged(site, tmp_path, link=False), CONFIRM_WITHIN_MS + 10_000)
    assert ran.exit_codes == [RESET, ENDED]
    assert profiles(ran) == [("pna11", "True"), ("discreet", "False")]
    [going] = said(ran, "config.reverting")
    assert going.fields["why"] == "unconfirmed"
    assert CONFIRM_WITHIN_MS <= going.ticks_ms < CONFIRM_WITHIN_MS + 2_000
    [back] = said(ran, "config.reverted")
    assert back.fields["why"] == "unconfirmed"


def test_a_trial_ends_although_a_check_in_waits_and_leaves_nothing_behind(
    site: Site, tmp_path: Path
) -> None:
    """The badge goes back to no sound and no check-ins, and the receiver is told of the latter."""
    tried = {"profile": "pna11", "check_in_min": 10, "check_in_grace_s": 40, "sound_percent": 50}
    badge = staged(site, tmp_path, link=False, tried=tried)
    ran = run(badge, CONFIRM_WITHIN_MS + 30_000, modem=site.modem(register_ms=1000))
    assert profiles(ran) == [("pna11", "True"), ("discreet", "False")]
    assert said(ran, "config.reverted", why="unconfirmed")
    [waits] = said(ran, "alarm.opened", kind="check_in")
    [ends] = said(ran, "alarm.state", event="END")
    assert (waits.fields["state"], ends.fields["state"]) == ("WAITING", "WITHDRAWN")
    sounds = [fact["t_ms"] for fact in ran.facts if fact.get("buzzer")]
    assert sounds
    assert max(sounds) < CONFIRM_WITHIN_MS


def test_settings_with_which_the_link_stays_away_are_dropped(site: Site, tmp_path: Path) -> None:
    ran = run(
        staged(site, tmp_path, link=True),
        CONFIRM_WITHIN_MS + 20_000,
        modem=site.modem(no_coverage_ms=[[0, CONFIRM_WITHIN_MS]]),
    )
    assert profiles(ran) == [("pna11", "True"), ("discreet", "False")]
    assert said(ran, "config.reverted", why="link")


def test_a_cut_of_power_during_the_trial_ends_it(site: Site, tmp_path: Path) -> None:
    site = staged(site, tmp_path, link=False)
    folder = tmp_path / "badge"
    cut = run(site, 20_000, folder, events=[{"at_ms": 9_000, "do": "power_cut"}])
    assert cut.exit_codes == [POWER_CUT]
    again = run(site, 20_000, folder)
    assert profiles(cut) + profiles(again) == [("pna11", "True"), ("discreet", "False")]
    assert said(again, "config.reverted", why="restart")


def test_a_setting_of_newer_firmware_does_not_cost_the_others(site: Site, tmp_path: Path) -> None:
    """It was set, and the badge fell back to firmware that does not know it."""
    provision = tmp_path / "newer"
    shutil.copytree(site.provision, provision)
    (provision / "config.json").write_text(json.dumps({**TRIED, "from_the_future_ms": 1}))
    ran = run(Site(site.state, provision), 3_000)
    assert profiles(ran) == [("pna11", "False")]
    [refused] = said(ran, "config.refused")
    assert "from_the_future_ms" in refused.fields["why"]
    (provision / "config.json").write_text(json.dumps({**TRIED, "keepalive_s": 5}))
    (provision / "config.old").write_text(json.dumps(KEPT))
    assert profiles(run(Site(site.state, provision), 3_000)) == [("discreet", "False")]


def test_a_rule_of_newer_firmware_costs_no_profile_and_no_other_setting(
    site: Site, tmp_path: Path
) -> None:
    """An amber of 15 minutes was legal in pna11 once; the check-ins must go on."""
    provision = tmp_path / "older"
    shutil.copytree(site.provision, provision)
    kept = {"profile": "pna11", "amber_min": 15, "check_in_min": 10}
    (provision / "config.json").write_text(json.dumps(kept))
    (provision / "config.old").write_text(json.dumps(KEPT))
    ran = run(Site(site.state, provision), 60_000, modem=site.modem(register_ms=1000))
    assert profiles(ran) == [("pna11", "False")]
    assert "R04" in said(ran, "config.refused")[0].fields["why"]
    assert said(ran, "alarm.opened", kind="check_in")


def test_an_alarm_that_the_new_settings_may_hold_up_ends_the_trial_and_is_delivered(
    site: Site, tmp_path: Path
) -> None:
    """Not delivered after 30 s, the link gone: back at once, not after three minutes."""
    ran = run(
        staged(site, tmp_path, link=True),
        120_000,
        modem=site.modem(register_ms=1000, no_coverage_ms=[[0, 70_000]]),
        events=[{"at_ms": 12_000, "do": "press", "ms": 1700}],
    )
    assert ran.exit_codes == [RESET, ENDED]
    [going] = said(ran, "config.reverting", why="link")
    assert going.ticks_ms < 50_000
    assert said(ran, "alarm.resumed")
    assert said(ran, "alarm.status", state="RECEIVED")


def test_an_alarm_on_its_way_is_not_disturbed_by_the_end_of_the_trial(
    site: Site, tmp_path: Path
) -> None:
    """Taken in by the receiver, not closed: the badge does not restart under it."""
    ran = run(
        staged(site, tmp_path, link=True),
        CONFIRM_WITHIN_MS + 20_000,
        modem=site.modem(register_ms=1000),
        events=[{"at_ms": 20_000, "do": "press", "ms": 1700}],
    )
    assert ran.exit_codes == [ENDED]
    assert said(ran, "alarm.status", state="RECEIVED")
    assert not said(ran, "config.reverting")


def key_of(site: Site) -> Any:
    return lambda device: service_key(site.state, str(device.info["badge"]))


def settled(site: Site) -> Callable[[Device], bool]:
    def is_so(device: Device) -> bool:
        device.authorise(service_key(site.state, BADGE))
        return read_settings(device).trial == "none"

    return is_so


def on_trial(device: Device) -> bool:
    found = read_settings(device)
    return (found.trial, found.profile) == ("running", "pna11")


def restarted_behind_the_key(address: str | None, timeout_s: float) -> Iterator[Device]:
    """Visits of which the first meets a badge that has restarted since it saw the key."""
    for number, device in enumerate(visits(address, timeout_s)):
        proof = device.authorise

        def forgotten(key: bytes, device: Device = device, proof: Any = proof) -> None:
            proof(key)
            device.greet()

        if number == 0:
            device.authorise = forgotten  # type: ignore[assignment,method-assign]
        yield device


@pytest.mark.slow
def test_settings_are_in_force_once_confirmed_and_stay_so(
    site: Site, badge: VirtualUsbBadge, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(settings, "visits", restarted_behind_the_key)
    apply_settings(badge.port, {"keepalive_s": 30}, key_of(site), told.append)
    assert any("restarts" in sentence for sentence in told)
    with open_device(badge.port) as device:
        device.authorise(service_key(site.state, BADGE))
        again = restart(device)
    with again as device:
        device.authorise(service_key(site.state, BADGE))
        found = read_settings(device)
        assert (found.given, found.trial) == ({"profile": "discreet", "keepalive_s": 30}, "none")
        assert found.settings["keepalive_s"] == 30
        assert found.settings["prealarm_ms"] == default_of("prealarm_ms", "discreet")
        assert json.loads(device.get_file("/config.old")) == {"shift_test": False}


def test_a_restart_or_a_wish_ends_the_trial(site: Site, badge: VirtualUsbBadge) -> None:
    """`config set` was interrupted; the badge is back at what it had, at its next start."""
    for verb, why in (("reset", "restart"), ("config.revert", "asked")):
        with open_device(badge.port) as device:
            locked = read_settings(device)
            device.authorise(service_key(site.state, BADGE))
            device.request("config.stage", settings={"profile": "pna11"}, part=0, more=False)
        wait_until(badge.port, on_trial)
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, BADGE))
            with pytest.raises(BadgeRefusal, match=r"settling"):
                device.request("config.commit")
            with pytest.raises(BadgeRefusal) as caught:
                device.request("config.stage", settings={}, part=0, more=False)
            assert caught.value.code == "config.trial"
            device.request(verb)
        wait_until(badge.port, settled(site))
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, BADGE))
            found = read_settings(device)
        assert (found.given, found.reverted) == (locked.given, why)
        # To who has not shown the key it says nothing of a trial, not that there is none.
        assert locked.trial is None


@pytest.mark.slow
def test_a_host_that_waits_hears_why_the_badge_went_back(
    site: Site, badge: VirtualUsbBadge
) -> None:
    """Another engineer has the badge drop them just before they are confirmed."""
    calls = []

    def key(device: Device) -> bytes:
        key = service_key(site.state, str(device.info["badge"]))
        calls.append(device)
        if len(calls) == 2:
            device.authorise(key)
            device.request("config.revert")
        return key

    with pytest.raises(NabijError, match=r"went back .* that was asked for") as caught:
        apply_settings(badge.port, {"profile": "pna11"}, key, print)
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"keepalive_s": 5}, "config.range"),
        ({"keepalive_s": "60"}, "config.type"),
        ({"nonsense": 1}, "config.unknown"),
        ({"profile": "loud"}, "config.profile"),
        ({"profile": "pna11", "keepalive_s": 120}, "config.rule"),
    ],
)
def test_the_badge_itself_refuses_what_the_table_forbids(
    site: Site, badge: VirtualUsbBadge, settings: dict[str, Any], code: str
) -> None:
    with open_device(badge.port) as device:
        device.authorise(service_key(site.state, BADGE))
        with pytest.raises(BadgeRefusal) as caught:
            device.request("config.stage", settings=settings, part=0, more=False)
        assert caught.value.code == code
        assert settled(site)(device)


def test_the_key_of_another_receiver_opens_nothing(tmp_path: Path, badge: VirtualUsbBadge) -> None:
    other = make_site(tmp_path)
    with pytest.raises(NabijError, match=r"another key .* --state"):
        apply_settings(badge.port, {}, key_of(other), print)


@pytest.mark.requirement("R14")
def test_settings_wait_until_no_alarm_is_open(site: Site, badge: VirtualUsbBadge) -> None:
    """The last test with this badge: nobody closes its alarm."""
    start = len(badge.log)
    badge.press(1_700)
    badge.wait_for_log("alarm.durable", start=start)
    with open_device(badge.port) as device:
        device.authorise(service_key(site.state, BADGE))
        with pytest.raises(BadgeRefusal, match="An alarm is open") as caught:
            device.request("config.stage", settings={}, part=0, more=False)
        assert caught.value.code == "alarm.open"
