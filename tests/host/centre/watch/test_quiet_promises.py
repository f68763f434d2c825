"""The present keep-alive of a badge, as its hello told it, in the watch for silence."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from badge.core.settings.config import Config, ConfigError
from nabij.centre.watch.quiet import LONGEST_S, MOST_MIN, R07_MS, check_minutes, limit_of
from tests.host.centre.quiet_world import KEYS, LOOK_S, QuietWorld

SHORT_MIN = 2


@pytest.fixture
def world(tmp_path: Path) -> Iterator[QuietWorld]:
    world = QuietWorld(tmp_path, SHORT_MIN)
    yield world
    world.close()


def quiet_after_s(world: QuietWorld) -> float:
    world.leaves()
    world.wait(1800)
    [one] = world.silences()
    assert one.heard_ms is not None
    return (one.received_ms - one.heard_ms) / 1000


@pytest.mark.requirement("R07")
def test_a_badge_has_until_its_next_sign_to_find_that_its_connection_is_gone(
    world: QuietWorld,
) -> None:
    world.hello(1, 60)
    world.shift()
    world.hello(2, 300)
    assert quiet_after_s(world) == pytest.approx(1.5 * 300 + 120, abs=2 * LOOK_S)
    [one] = world.silences()
    words = "nothing heard for 9 min 35 s where it promises a sign each 5 min 0 s"
    assert words in one.sentence()
    assert one.fields()["keepalive_s"] == 300


def test_what_a_hello_before_the_shift_told_counts_also_after_a_restart(world: QuietWorld) -> None:
    world.hello(1, 200)
    world.shift()
    world.restart()
    assert quiet_after_s(world) > 1.5 * 200


def test_one_that_does_not_tell_has_the_limit_of_the_receiver(world: QuietWorld) -> None:
    world.shift()
    assert quiet_after_s(world) == pytest.approx(SHORT_MIN * 60, abs=2 * LOOK_S)
    [one] = world.silences()
    assert "promises" not in one.sentence()
    assert "not connected since" in one.sentence()


def test_a_badge_with_a_new_key_has_told_nothing_yet(world: QuietWorld) -> None:
    world.hello(1, 300)
    world.enrol("anna", bytes(32))
    world.enrol("anna", KEYS["anna"])
    world.shift()
    assert quiet_after_s(world) == pytest.approx(SHORT_MIN * 60, abs=2 * LOOK_S)


def test_a_short_interval_shortens_nothing() -> None:
    assert limit_of(60, check_minutes(15)) == check_minutes(15)
    assert limit_of(None, check_minutes(22)) == limit_of(0, check_minutes(22)) == check_minutes(22)


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("present_s", [10, 60, 300, 550, LONGEST_S])
def test_no_limit_is_raised_beyond_what_the_longest_interval_leaves(present_s: int) -> None:
    """The server goes by the longest, of which no hello tells."""
    limit_ms = limit_of(present_s, check_minutes(SHORT_MIN))
    assert LONGEST_S * 1500 + limit_ms + LOOK_S * 1000 <= R07_MS
    assert limit_ms > present_s * 1000


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_with_the_longest_interval_that_a_profile_allows_no_limit_is_beyond_half_an_hour(
    profile: str,
) -> None:
    allowed = []
    for most_s in range(10, 891):
        with contextlib.suppress(ConfigError):
            Config.from_dict({"profile": profile, "keepalive_most_s": most_s})
            allowed.append(most_s)
    longest_s = max(allowed)
    assert longest_s == (LONGEST_S if profile == "discreet" else 85)
    for minutes in range(1, MOST_MIN + 1):
        # The server sees a death after one and a half intervals; then the next look.
        limit_ms = limit_of(longest_s, check_minutes(minutes))
        assert longest_s * 1500 + limit_ms + LOOK_S * 1000 <= R07_MS
        # And none before the badge can know of it.
        assert limit_ms > longest_s * 1000
