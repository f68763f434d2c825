"""What keeps the badge awake, for how long, and when its modem may rest."""

from types import SimpleNamespace
from typing import Any

import pytest

from badge.tasks.power.stay_awake import StayAwake


class Badge:
    """A badge with nothing to do; `set` says what goes on, `rests` when its modem may rest."""

    def __init__(self, *, has_radio: bool = True) -> None:
        self.power = SimpleNamespace(vbus=False)
        self.is_feeling = False
        self.pins_ms = 0
        self.rests: list[int] = []
        self.listens_ms = 0
        self.link = SimpleNamespace(is_open=False)
        bearer = SimpleNamespace(
            awake_ms=lambda _now_ms, is_open: 7 if is_open else self.listens_ms,
            rest=self.rests.append,
        )
        self.ble = SimpleNamespace(is_on=False)
        self.gnss = SimpleNamespace(is_on=False)
        # The first is one that the settings do not ask for.
        radio = SimpleNamespace(
            bearer=bearer, link=self.link, on_air=(None, self.ble), gnss=self.gnss
        )
        pins = SimpleNamespace(awake_ms=lambda _now_ms: self.pins_ms)
        self.stay = StayAwake(
            self.power, lambda: self.is_feeling, radio if has_radio else None, pins
        )

    def awake_ms(self) -> Any:
        return self.stay.awake_ms(1000)


def test_with_nothing_to_do_it_sleeps_and_so_may_its_modem() -> None:
    badge = Badge()
    assert badge.awake_ms() == 0
    assert badge.rests == [1000]
    assert Badge(has_radio=False).awake_ms() == 0


@pytest.mark.parametrize("vbus", [True, None])
def test_on_a_cable_and_while_nobody_knows_it_stays_awake(vbus: bool | None) -> None:
    badge = Badge()
    badge.power.vbus = vbus
    assert badge.awake_ms() > 0
    assert badge.rests == []


@pytest.mark.parametrize("what", ["is_feeling", "listens_ms", "pins_ms"])
def test_what_goes_on_is_not_slept_over(what: str) -> None:
    badge = Badge()
    setattr(badge, what, 7)
    assert badge.awake_ms() > 0
    assert badge.rests == []


def test_while_a_satellite_receiver_speaks_it_does_not_sleep() -> None:
    badge = Badge()
    badge.gnss.is_on = True
    assert badge.awake_ms() > 0
    assert badge.rests == []


def test_while_ble_is_on_it_does_not_sleep() -> None:
    badge = Badge()
    badge.ble.is_on = True
    assert badge.awake_ms() > 0
    assert badge.rests == []
    badge.ble.is_on = False
    assert badge.awake_ms() == 0


def test_the_bearer_is_told_whether_there_is_a_session() -> None:
    badge = Badge()
    badge.link.is_open = True
    assert badge.awake_ms() == 7
    badge.link.is_open = False
    assert badge.awake_ms() == 0
