"""What `nabij doctor` says of settings that a badge on a cable has no part for."""

from typing import Any, cast

import pytest

from nabij.acts.act import Act, Fields, carried
from nabij.usb import board_settings, doctor
from nabij.usb.device import Device
from nabij.usb.errors import BadgeRefusal


class Badge:
    """Tells these settings, or refuses to tell any."""

    def __init__(self, board: str, given: dict[str, Any] | None, profile: str) -> None:
        self.info = {"board": board, "firmware": "1", "provisioned": True, "badge": "b"}
        self._given = given
        self._profile = profile

    def carry(self, act: Act[Any]) -> Any:
        def ask(_request: object) -> Fields:
            if self._given is None:
                raise BadgeRefusal("usb.verb", "no", "port")
            return {
                "profile": self._profile,
                "settings": self._given,
                "given": list(self._given),
                "next": None,
            }

        return carried(act, ask)


def told(
    board: str, given: dict[str, Any] | None, profile: str = "discreet"
) -> tuple[str, str] | None:
    return board_settings.in_vain_on(cast("Device", Badge(board, given, profile)))


def test_what_was_set_and_does_nothing_is_told_with_what_takes_it_back() -> None:
    found = told("t_watch_s3", {"ble_after_s": 15, "gnss": True, "keepalive_s": 30})
    assert found == (
        "Nothing comes of ble_after_s and gnss: t_watch_s3 has no part for them",
        "take back what was set: nabij config set ble_after_s=default gnss=default",
    )


def test_what_the_profile_has_on_is_told_and_nothing_is_to_be_taken_back() -> None:
    found = told("xiao_s3_fob", {}, "pna11")
    assert found is not None
    assert "sound_percent and light" in found[0]
    assert "profile" in found[1]


@pytest.mark.parametrize(
    ("board", "given"),
    [("t_watch_s3", {"keepalive_s": 30}), ("t_watch_s3", None), ("of somebody else", {"gnss": 1})],
)
def test_of_what_is_well_or_unknown_nothing_is_said(
    board: str, given: dict[str, Any] | None
) -> None:
    assert told(board, given) is None


def test_the_doctor_asks_for_a_look_at_it_and_it_fails_nothing() -> None:
    badge = cast("Device", Badge("t_watch_s3", {"tag_scan": True}, "discreet"))
    found = doctor.of_settings(badge)
    assert found is not None
    assert (found.part, found.verdict) == ("settings", doctor.LOOK)
    assert doctor.failure([found]) is None
