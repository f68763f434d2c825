"""A test of SMS: passed by its receipt alone, on this SIM and to this number."""

from pathlib import Path
from typing import Any

import pytest

from badge.core.codec import wire
from nabij.virtual.badge import Run, run_fast
from nabij.virtual.scenario import Scenario
from tests.firmware.tasks.usb.console import answers, asked, keyed
from tests.sim.lives import (
    assert_still_armed,
    at,
    felt,
    incidents,
    said,
    squeeze,
    told,
)
from tests.sim.sms_lives import (
    SETTINGS,
    alarm_in,
    lived,
    texts,
)
from tests.worlds import Site


def life_tested(site: Site, folder: Path, sms: dict[str, Any], **more: Any) -> Run:
    """One life with data, in which an engineer has SMS tested after half a minute."""
    settings = SETTINGS | more.pop("settings", {})
    provision = site.provision_with(folder / f"provision{len(list(folder.iterdir()))}", settings)
    ask = [asked(30_000, 1, "sms.test"), asked(270_000, 2, "selftest", check="sms")]
    bare = Scenario(
        duration_ms=280_000,
        provision=provision,
        modem=site.modem(sms=sms, **more.pop("modem", {})),
        events=[*more.pop("events", []), *ask],
    )
    return run_fast(keyed(site, bare, 28_000, 268_000))


def test_a_test_goes_by_sms_alone_and_is_passed_by_its_receipt(site: Site, tmp_path: Path) -> None:
    run = life_tested(site, tmp_path, {})
    (text,) = texts(run)
    alarm = alarm_in(text, site)
    assert alarm.flags == wire.FLAG_TEST
    (heard,) = told(run, "test")
    assert (heard["boot"], heard["seq"]) == (alarm.boot, alarm.seq)
    assert heard["t_ms"] > text["t_ms"]
    assert [event.fields["verdict"] for event in said(run, "sms.test")] == ["passed"]
    assert answers(run)[2]["ok"]["state"] == "ready"
    assert incidents(run) == []
    assert felt(run) == ["ARMED"]
    assert_still_armed(run)


@pytest.mark.parametrize(
    ("sms", "modem", "code"),
    [
        ({"lost": 1}, {}, "sms.no_receipt"),
        ({"error": 38}, {}, "sms.refused"),
        ({"hang": 1, "sends": False}, {}, "at.timeout"),
        ({}, {"remote": {"receipts": "wrong_hmac"}}, "sms.no_receipt"),
        ({}, {"registration": 3}, "modem.no_network"),
        ({"ready_ms": 90_000}, {}, "modem.sms_not_ready"),
    ],
    ids=["lost", "refused", "hangs", "forged", "denied", "not ready"],
)
def test_a_test_without_its_receipt_is_not_passed_although_data_work(
    site: Site, tmp_path: Path, sms: dict[str, Any], modem: dict[str, Any], code: str
) -> None:
    run = life_tested(site, tmp_path, sms, modem=modem)
    assert [event.fields["verdict"] for event in said(run, "sms.test")] == [code]
    answer = answers(run)[2]["ok"]
    assert (answer["state"], answer["test_failed"]) == ("absent", code)
    assert_still_armed(run)


def test_a_receipt_by_the_link_is_a_receipt_of_the_test_too(site: Site, tmp_path: Path) -> None:
    """A receiver that takes messages in and sends none: what came by SMS alone is told by data."""
    run = life_tested(
        site, tmp_path, {"receipts": False}, events=[at(60_000, "modem", what="hang_up")]
    )
    assert answers(run)[2]["ok"]["state"] == "ready"


def test_what_was_passed_is_there_after_a_reset_and_an_alarm_comes_first(
    site: Site, tmp_path: Path
) -> None:
    kept = life_tested(site, tmp_path, {}, events=[at(100_000, "brownout")])
    assert [event.fields["state"] for event in said(kept, "sms.card")] == ["absent", "ready"]
    busy = life_tested(site, tmp_path, {}, events=[squeeze(20_000)])
    assert [event.fields["verdict"] for event in said(busy, "sms.test")] == ["selftest.alarm"]
    assert texts(busy) == []


def test_without_the_sim_it_is_absent_again(site: Site, tmp_path: Path) -> None:
    taken_out = [at(90_000, "modem", what="card_out")]
    run = life_tested(site, tmp_path, {}, events=taken_out)
    assert [event.fields["verdict"] for event in said(run, "sms.test")] == ["passed"]
    answer = answers(run)[2]["ok"]
    assert (answer["state"], answer["card"], answer["tested_s"]) == ("absent", None, None)


def test_each_shift_tests_it_where_a_setting_says_so(site: Site, tmp_path: Path) -> None:
    settings = {"shift_test": True, "sms_shift_test": True}
    run = lived(
        site, tmp_path, 120_000, settings=settings, modem={"hollow_bearers": 0}, events=[], card=""
    )
    assert len(texts(run)) == 1
    assert [event.fields["verdict"] for event in said(run, "sms.test")] == ["passed"]
    assert felt(run) == ["ARMED", "TEST_PASSED"]
