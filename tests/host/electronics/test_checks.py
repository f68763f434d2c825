"""The rules of a design, each shown by a design that breaks it in one place."""

import pytest

from nabij.electronics import pod
from nabij.electronics.checks import problems
from tests.host.electronics.designs import design, rewired


def test_the_pod_keeps_them():
    assert problems(design()) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        ('number = "AO3400A"', 'number = ""', "Q1 has no maker's number"),
        ('ref = "R2"', 'ref = "R1"', "R1 stands twice"),
        ('"RIP", 2 = "GND"', '"RIP", 2 = "GROUND"', "GROUND ends at R13"),
        (r'"RIP", 2 = "RIP_WIRE"', '"RIPP", 2 = "RIP_WIRE"', "RIPP ends at R12"),
        ('kind = "r_1m"', 'kind = "r_100k"', "RIP has 100000 ohm .* asks for 1000000"),
        (
            '1 = "SOS_LEFT", 2 = "GND"',
            '1 = "SOS_LEFT", 2 = "[+]3V3"',
            "SOS_LEFT has nothing to gr",
        ),
        (
            '1 = "SOS_RIGHT_WIRE", 2 = "GND"',
            '1 = "SOS_RIGHT_WIRE", 2 = "[+]3V3"',
            "J5: the wire SOS_RIGHT_WIRE leaves the shell without an ESD",
        ),
        (
            '1 = "RIP_FEED", 2 = "RIP_WIRE"',
            '1 = "+3V3", 2 = "RIP_WIRE"',
            r"J6: the wire \+3V3 leaves the shell without a series resistor",
        ),
        ('on = "J4"', 'on = "J5"', "SW1 hangs on J5, which carries other nets"),
        ("quantity = 5", "quantity = 0", "crimp housing"),
    ],
)
def test_a_breach_is_one_sentence(pattern, replacement, sentence):
    found = problems(design(pattern, replacement))
    assert found
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError("\n".join(found))


def test_the_pulls_are_those_that_the_board_asks_for():
    board = rewired(r"(\[haptic\](?:\n.*){3}\n.*) = 100_000", r"\1 = 220_000")
    assert problems(pod.load("pod", board)) == [
        "HAPTIC has 100000 ohm to ground; [haptic] of t_sim7080g_s3.toml asks for 220000 ohm."
    ]
