"""A squeeze that data does not carry goes by SMS: whole badges, and operators of all kinds."""

import random
from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.virtual.badge import Fact, Run
from tests.sim.lives import (
    assert_still_armed,
    at,
    felt,
    felt_at,
    incidents,
    said,
    squeeze,
    tap,
    told,
)
from tests.sim.sms_lives import (
    AFTER_S,
    NUMBER,
    PRESS_MS,
    alarm_in,
    lived,
    outputs,
    texts,
)
from tests.worlds import Site


def test_without_data_the_alarm_and_its_receipt_go_by_sms(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 120_000)
    (text,) = texts(run)
    assert text["to"] == NUMBER
    assert len(text["text"]) <= 160
    assert AFTER_S * 1000 < text["t_ms"] - PRESS_MS < (AFTER_S + 6) * 1000
    (received,) = felt_at(run, "RECEIVED")
    assert received - PRESS_MS < (AFTER_S + 13) * 1000
    assert "NOT_DELIVERED" not in felt(run)
    assert len(incidents(run)) == 1
    assert_still_armed(run)


@pytest.mark.parametrize(
    "modem",
    [
        # The receiver is down; it takes connections and is mute; the broker takes all and no
        # receipt comes.
        {"hollow_bearers": 0, "remote": {"refuse_connects": 1_000}},
        {"hollow_bearers": 0, "remote": {"mute": True}},
        {"hollow_bearers": 0, "remote": {"ignore_connects": 1_000}},
        {"hollow_bearers": 0, "remote": {"refuse_subscriptions": 1_000}},
    ],
    ids=["refused", "mute", "silent", "deaf"],
)
def test_whatever_of_data_is_down_the_receipt_comes(
    site: Site, tmp_path: Path, modem: dict[str, Any]
) -> None:
    run = lived(site, tmp_path, 120_000, modem=modem)
    assert felt(run).count("RECEIVED") == 1
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_with_data_no_message_goes(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 120_000, modem={"hollow_bearers": 0})
    assert felt(run).count("RECEIVED") == 1
    assert texts(run, "submitted") == []


@pytest.mark.parametrize("card", ["", "8931080000000099999"], ids=["never", "another SIM"])
def test_on_a_sim_without_a_test_none_goes_and_nothing_is_claimed(
    site: Site, tmp_path: Path, card: str
) -> None:
    run = lived(site, tmp_path, 120_000, card=card)
    assert texts(run, "submitted") == []
    assert "RECEIVED" not in felt(run)
    assert "NOT_DELIVERED" in felt(run)
    assert [event.fields["state"] for event in said(run, "sms.card")] == ["absent"]


def test_what_was_shown_to_another_number_counts_for_nothing(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 120_000, settings={"sms_to": "+31699999999"})
    assert texts(run, "submitted") == []
    assert "RECEIVED" not in felt(run)
    assert [event.fields["state"] for event in said(run, "sms.card")] == ["absent"]


def test_both_ways_at_once_are_one_incident_and_one_receipt_is_felt(
    site: Site, tmp_path: Path
) -> None:
    """The data come back while the message is under way, and each comes twice."""
    run = lived(
        site,
        tmp_path,
        240_000,
        modem={"hollow_bearers": 0, "no_coverage_ms": [[0, 70_000]]},
        sms={"delay_ms": 20_000, "again": 1},
        settings={"sms_after_s": 1},
    )
    assert len(incidents(run)) == 1
    assert felt(run).count("RECEIVED") == 1
    assert len(said(run, "link.up")) >= 1
    assert_still_armed(run)


def test_what_comes_of_it_is_heard_by_sms_too(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 240_000, modem={"remote": {"then": [[2, 20_000], [3, 90_000]]}})
    states = [event.fields["state"] for event in said(run, "alarm.status")]
    assert states == ["RECEIVED", "TAKEN", "HELP_COMING"]
    assert "HELP_COMING" in felt(run)
    assert len(texts(run)) == 1


@pytest.mark.parametrize(
    ("sms", "modem"),
    [
        ({"delay_ms": 40_000, "late_ms": 25_000, "again": 1}, {}),
        ({"foreign": 10, "places": 10}, {}),
        ({"indicates": False}, {}),
        ({"ready_ms": 90_000}, {}),
        ({"refuse": 2}, {}),
        ({"send_ms": 25_000}, {}),
        ({"lost": 1}, {}),
        ({}, {"psm": True}),
    ],
    ids=[
        "late twice in disorder",
        "store full",
        "untold",
        "not ready",
        "refused",
        "slow",
        "lost",
        "psm",
    ],
)
def test_a_harsh_operator_costs_time_and_no_alarm(
    site: Site, tmp_path: Path, sms: dict[str, Any], modem: dict[str, Any]
) -> None:
    duration_ms = 900_000 if "lost" in sms else 400_000
    run = lived(
        site, tmp_path, duration_ms, sms=sms, modem=modem | {"remote": {"then": [[2, 1_000]]}}
    )
    assert len(incidents(run)) == 1
    assert felt(run)[-1] in {"TAKEN", "NO_NETWORK"}
    assert felt(run).count("TAKEN") == 1
    assert [event.fields["state"] for event in said(run, "alarm.status")][-1] == "TAKEN"
    assert_still_armed(run)


@pytest.fixture(scope="module")
def without(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The life of a badge that has no SMS."""
    settings = {"sms_after_s": 0, "sms_to": ""}
    return lived(site, tmp_path_factory.mktemp("without"), 240_000, settings=settings)


@pytest.mark.parametrize(
    "sms", [{"error": 38}, {"hang": 100, "sends": False}, {"receipts": False}]
)
def test_nothing_is_felt_of_it_but_a_receipt(
    site: Site, tmp_path: Path, without: Run, sms: dict[str, Any]
) -> None:
    """An operator without SMS, one that never answers, one that brings nothing back."""
    run = lived(site, tmp_path, 240_000, sms=sms)
    assert "RECEIVED" not in felt(run)
    assert felt(run) == felt(without)
    assert outputs(run) == pytest.approx(outputs(without), abs=1_500)
    assert texts(without, "submitted") == []
    assert_still_armed(run)


def test_a_message_that_never_ends_does_not_keep_the_link_from_a_new_alarm_for_long(
    site: Site, tmp_path: Path
) -> None:
    """The broker takes all and no receipt comes: the second squeeze falls into the message."""
    run = lived(
        site,
        tmp_path,
        240_000,
        sms={"hang": 100, "sends": False},
        modem={"hollow_bearers": 0, "remote": {"refuse_subscriptions": 1_000}},
        events=[squeeze(PRESS_MS), squeeze(PRESS_MS + 20_000)],
    )
    first, second = told(run)
    assert first["seq"] != second["seq"]
    assert second["t_ms"] - (PRESS_MS + 20_000) < 45_000
    assert len(texts(run, "submitted")) == 1
    durable = said(run, "alarm.durable", state="RAISED")
    assert all(int(event.fields["took_ms"]) < 250 for event in durable)
    assert_still_armed(run)


def test_the_answer_to_a_message_that_never_ended_is_heard(site: Site, tmp_path: Path) -> None:
    """Nobody knows whether it went, and it did: the wearer hears so before it is tried again."""
    run = lived(site, tmp_path, 240_000, sms={"hang": 1})
    assert len(texts(run, "submitted")) == 1
    assert len(said(run, "sms.not_sent")) == 1
    assert felt(run).count("RECEIVED") == 1
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def _gestures(forced: bool) -> list[Fact]:
    """A false alarm called by a double tap; by the other button when forced."""
    button = "right" if forced else "left"
    return [squeeze(PRESS_MS), *tap(PRESS_MS + 60_000, button, times=2)]


def test_a_duress_call_is_to_the_operator_what_its_twin_is(site: Site, tmp_path: Path) -> None:
    """In number, time and length; and only the receiver can tell them apart."""
    sms = {"receipts": False}
    free, forced = (
        lived(site, tmp_path, 780_000, sms=sms, events=_gestures(hand)) for hand in (False, True)
    )
    twins = [
        [(round(fact["t_ms"]), len(fact["text"])) for fact in texts(run)] for run in (free, forced)
    ]
    assert len(twins[0]) >= 3
    assert twins[0] == twins[1]
    flags = [{alarm_in(fact, site).flags for fact in texts(run)} for run in (free, forced)]
    assert flags == [{0, wire.FLAG_FALSE_ALARM}, {0, wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS}]
    assert felt(free) == felt(forced)


def test_messages_are_few_however_many_alarms_there_are(site: Site, tmp_path: Path) -> None:
    run = lived(
        site,
        tmp_path,
        1_300_000,
        sms={"receipts": False},
        events=[squeeze(PRESS_MS + 20_000 * n) for n in range(8)],
    )
    sent = texts(run)
    # Each alarm once, whatever the hour has cost, and few of them again.
    assert {alarm_in(fact, site).seq for fact in sent} == set(range(1, 9))
    assert len(sent) == 8


def test_a_person_is_told_in_words_when_the_receiver_stays_silent(
    site: Site, tmp_path: Path
) -> None:
    settings = {
        "profile": "pna11",
        "sms_plain_to": "+31687654321",
        "sms_plain_name": "Jan de Wit",
        "sms_plain_language": "nl",
    }
    silent = lived(site, tmp_path, 240_000, settings=settings, sms={"receipts": False})
    (plain,) = [fact for fact in texts(silent) if fact["to"] == "+31687654321"]
    assert plain["text"].startswith("ALARM van een persoon: Jan de Wit, vraagt om hulp")
    assert plain["t_ms"] - PRESS_MS > (AFTER_S + 30) * 1000
    answered = lived(site, tmp_path, 240_000, settings=settings)
    assert {fact["to"] for fact in texts(answered)} == {NUMBER}


def test_a_reset_in_the_middle_of_it_sends_again_and_is_one_incident(
    site: Site, tmp_path: Path
) -> None:
    for at_ms in (76_500, 78_000, 79_500, 84_000):
        run = lived(site, tmp_path, 150_000, events=[squeeze(PRESS_MS), at(at_ms, "brownout")])
        # The receiver in the simulator forgets with a restart of it: the key is what makes it one.
        assert len({key for key in incidents(run) if key[2] == kinds.SOS}) == 1
        assert "RECEIVED" in felt(run)
        assert run.exit_codes[-1] == 0


def test_what_it_draws_is_in_the_account(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 120_000)
    (energy,) = [fact["energy"] for fact in run.facts if "energy" in fact]
    # Two seconds to send and one to hear, at 3 V from the battery's converter.
    assert 0.05 < energy["parts"]["modem"]["text"] < 0.2


def test_strangers_who_write_without_end_cost_no_alarm(site: Site, tmp_path: Path) -> None:
    flood = [
        {"at_ms": 61_000 + 300 * n, "do": "modem", "what": "text", "text": text}
        for n in range(120)
        for text in [("N1 " + "A" * 157, "OK\r\nERROR", "RDY\r\n+CEREG: 3")[n % 3]]
    ]
    run = lived(site, tmp_path, 300_000, events=[squeeze(PRESS_MS), *flood])
    assert len(incidents(run)) == 1
    assert felt(run).count("RECEIVED") == 1
    refused = [int(event.fields["count"]) for event in said(run, "sms.foreign")]
    assert refused == [1 << n for n in range(len(refused))]
    assert_still_armed(run)


@pytest.mark.parametrize("number", [2, pytest.param(40, marks=pytest.mark.soak)])
def test_the_receipt_is_there_soon_after_sms_was_wanted(
    site: Site, tmp_path: Path, number: int
) -> None:
    draw = random.Random(13)
    took_ms = []
    for _ in range(number):
        sms = {"send_ms": draw.randint(1_000, 8_000), "delay_ms": draw.randint(1_000, 6_000)}
        at_ms = PRESS_MS + draw.randrange(20_000)
        run = lived(site, tmp_path, 140_000, sms=sms, events=[squeeze(at_ms)])
        (received,) = felt_at(run, "RECEIVED")
        took_ms.append(received - at_ms - sms["send_ms"] - 2 * sms["delay_ms"])
    took_ms.sort()
    print(f"squeeze to receipt less the operator's part: {took_ms[0]} to {took_ms[-1]} ms")
    assert took_ms[-1] <= (AFTER_S + 8) * 1_000
