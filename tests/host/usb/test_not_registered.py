"""Words for a badge without a network: its own reason, and the cause that the network gave."""

import pytest

from nabij.usb import not_registered

DENIED = "modem.denied: the network refuses this SIM: "


@pytest.mark.parametrize(
    ("facts", "found", "todo"),
    [
        (
            {"registration": 3, "reason": "modem.denied", "why": DENIED + "cause 15"},
            "the network refuses this SIM: cause 15 (no suitable cell in this area)",
            "another SIM",
        ),
        (
            {"registration": 2, "reason": "modem.denied", "why": DENIED + "cause 8, last: 'x'"},
            "the network refuses this SIM: cause 8, last: 'x' (no service for this SIM)",
            "LTE-M",
        ),
        (
            {"registration": 3, "reason": "modem.denied", "why": DENIED + "cause 199"},
            "the network refuses this SIM: cause 199 (unknown to this program)",
            "activated",
        ),
        (
            {"registration": 3, "reason": "modem.denied", "why": DENIED + "it does not say why"},
            "the network refuses this SIM: it does not say why",
            "activated",
        ),
        (
            {"registration": 0, "reason": "modem.sim", "why": "modem.sim: the SIM has x"},
            "the SIM has x",
            "insert it",
        ),
        (
            {"registration": 2, "reason": "modem.no_network", "why": "modem.no_network: none"},
            "none",
            "window",
        ),
        (
            {"registration": 2, "reason": "modem.searching", "why": "modem.searching: heard"},
            "heard",
            "LTE-M",
        ),
        (
            {"registration": 0, "reason": "modem.radio_off", "why": "modem.radio_off: off"},
            "off",
            "wait",
        ),
        # Firmware of before.
        ({"registration": 3}, "refused by the network", "LTE-M"),
        ({"registration": 2}, "searching", "window"),
        ({"registration": 4}, "state 4", "window"),
        # Of a firmware to come.
        ({"registration": 0, "reason": "modem.new", "why": "modem.new: so"}, "so", "nabij log"),
    ],
)
def test_reason_and_cause_are_said_with_what_to_do(
    facts: dict[str, object], found: str, todo: str
) -> None:
    said, advice = not_registered.judged(facts)
    assert said == found
    assert todo in advice
