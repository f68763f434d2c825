"""What a board has no part for: told by the host as the badge itself decides it."""

import pytest

from nabij.hardware import board_settings, boards

RADIOS = {"ble_after_s": 15, "relay_scan_s": 30, "tag_scan": True, "gnss": True}


@pytest.mark.parametrize(
    ("board", "given", "names"),
    [
        ("t_watch_s3", RADIOS, ["ble_after_s", "relay_scan_s", "tag_scan", "gnss"]),
        ("xiao_s3_fob", RADIOS, ["gnss"]),
        ("t_sim7080g_s3", {**RADIOS, "profile": "pna11"}, []),
        ("xiao_s3_fob", {"profile": "pna11"}, ["sound_percent", "light"]),
        ("xiao_s3_fob", {"profile": "pna11", "sound_percent": 0, "light": False}, []),
        ("t_watch_s3", {}, []),
    ],
)
def test_what_is_on_and_has_no_part_is_named(
    board: str, given: dict[str, object], names: list[str]
) -> None:
    assert board_settings.in_vain(boards.load(board), given) == names


def test_what_a_badge_would_refuse_for_want_of_a_radio_is_named_apart() -> None:
    radios = {"wlan_networks": "ward=very secret", "sms_to": "+31612345678"}
    given = {**radios, "tag_houses": "00" * 16}
    for board, names in (
        ("t_sim7080g_s3", ["wlan_networks"]),
        ("xiao_s3_fob", ["sms_to"]),
        ("t_watch_s3", ["tag_houses", "sms_to"]),
    ):
        assert board_settings.refused(boards.load(board), given) == names
        assert board_settings.in_vain(boards.load(board), given) == []


def test_the_sentences_name_one_two_and_more() -> None:
    assert board_settings.sentence(["gnss"], "fob") == (
        "Nothing comes of gnss: fob has no part for it."
    )
    assert board_settings.sentence(["a", "b", "c"], "fob") == (
        "Nothing comes of a, b and c: fob has no part for them."
    )
    refusal = board_settings.refusal(["a", "b"], "fob")
    assert refusal == "fob has no part for a and b: leave them out."
