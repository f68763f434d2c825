"""Which address of the receiver a badge calls, and what it takes for silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.addresses import MOST, Addresses, parse
from badge.core.settings.config import Config, ConfigError

A, B, C = ("a.example", 8883), ("b.example", 9000), ("10.0.0.3", 8883)
ALARM, OTHER = (1, 1), (1, 2)


def test_a_text_of_addresses_is_read_in_order_and_has_the_usual_port():
    assert parse(" b.example:9000  10.0.0.3\n") == [B, C]
    assert parse("") == []
    assert parse("a:1 a:65535") == [("a", 1), ("a", 65535)]
    assert parse("x" * 253) == [("x" * 253, 8883)]


@pytest.mark.parametrize(
    "text",
    ["a:b", "a:0", "a:65536", "a:", ":1", 'a"b', "a,b", "x" * 254, "[::1]:8883", "a:1:2"],
)
def test_what_is_no_address_is_refused_with_the_form(text):
    with pytest.raises(ConfigError, match=r"^more_addresses: .*host:port\.$") as caught:
        Config.from_dict({"more_addresses": text})
    assert caught.value.field == "more_addresses"


@pytest.mark.parametrize("text", ["pool..ntp.org", "ntp.example.", "a" * 64 + ".nl", "a b"])
def test_a_time_server_that_nobody_can_be_asked_for_is_refused(text):
    with pytest.raises(ConfigError, match=r"^time_host: .* is no host; write its name"):
        Config.from_dict({"time_host": text})
    assert Config.from_dict({"time_host": ""}).time_host == ""


def test_as_many_as_may_be_are_taken():
    assert len(parse("a b c d")) == MOST


def test_too_many_and_no_text_are_refused():
    with pytest.raises(ConfigError, match="at most 4"):
        Config.from_dict({"more_addresses": " ".join(["a"] * (MOST + 1))})
    with pytest.raises(ConfigError, match="write text, as host:port"):
        Config.from_dict({"more_addresses": ["a"]})


@given(st.text())
def test_no_text_gives_anything_but_addresses_or_a_sentence(text):
    _, faults = Config.examine({"more_addresses": text})
    if faults:
        assert str(faults[0]).startswith("more_addresses: ")
        return
    found = parse(text)
    assert parse(" ".join(f"{host}:{port}" for host, port in found)) == found


def test_addresses_that_fail_are_called_in_turn_and_again():
    calls = Addresses([A, B, C])
    called = []
    for _ in range(5):
        called.append(calls.current())
        calls.failed(is_silent=False)
    assert called == [A, B, C, A, B]


def test_the_one_that_was_good_is_called_first_and_one_that_is_gone_is_not():
    assert Addresses([A, B], B).current() == B
    assert Addresses([A, B], C).current() == A


def test_three_tries_without_an_answer_are_silence_and_other_alarms_are_no_tries():
    calls = Addresses([A, B])
    for key in [ALARM, OTHER] * 3:
        assert not calls.is_silent(key)
        calls.tried(key, is_deaf=False)
    assert calls.is_silent(ALARM)


def test_what_was_not_sent_is_no_try():
    calls = Addresses([A, B])
    assert not any(calls.is_silent(ALARM) for _ in range(20))
    assert calls.is_answered


def test_a_session_that_may_not_listen_is_left_only_for_another_address():
    for known, is_left in ([A], False), ([A, B], True):
        calls = Addresses(known)
        for _ in range(3):
            calls.tried(ALARM, is_deaf=True)
        assert calls.is_silent(ALARM) == is_left
        assert not calls.is_answered


def test_an_answer_ends_silence():
    calls = Addresses([A, B])
    for _ in range(20):
        assert not calls.is_silent(ALARM)
        calls.tried(ALARM, is_deaf=False)
        assert not calls.is_answered
        calls.answered()
        assert calls.is_answered


def test_after_silence_comes_a_new_session_and_then_the_next_address():
    calls = Addresses([A, B])
    called = []
    for _ in range(4):
        while not calls.is_silent(ALARM):
            calls.tried(ALARM, is_deaf=False)
        calls.failed(is_silent=True)
        called.append(calls.current())
        assert not calls.is_answered
    assert called == [A, B, B, A]


def test_a_new_session_that_fails_after_silence_is_followed_by_the_next_address():
    calls = Addresses([A, B])
    calls.failed(is_silent=True)
    assert calls.current() == A
    calls.failed(is_silent=False)
    assert calls.current() == B


def test_no_address_keeps_the_badge_from_the_next_and_a_slow_network_gets_its_time_at_last():
    several = Addresses([A, B])
    limits = [several.limit_ms(failures, 60_000) for failures in range(8)]
    assert limits == [10_000] * 2 + [20_000] * 2 + [40_000] * 2 + [60_000] * 2
    assert Addresses([A]).limit_ms(0, 60_000) == 60_000
    # Two ways to the only one.
    limits = [Addresses([A]).limit_ms(failures, 60_000, 2) for failures in range(8)]
    assert limits == [10_000] * 2 + [20_000] * 2 + [40_000] * 2 + [60_000] * 2
