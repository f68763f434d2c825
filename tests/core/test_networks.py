"""The wireless networks of the settings, and refusals that name no password."""

import pytest

from badge.core import networks

SECRET = "do not tell"


def test_each_line_is_a_network_in_the_order_given():
    text = f"Ward 3={SECRET}\n\nguests=\nhalf%3Dhalf=100%25 sure"
    assert networks.parse(text) == [
        ("Ward 3", SECRET),
        ("guests", ""),
        ("half=half", "100% sure"),
    ]
    assert networks.parse("x=") == [("x", "")]
    assert networks.parse("") == []
    assert networks.parse(networks.KEPT) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SECRET, "without '='"),
        (f"={SECRET}", "1 to 32 bytes"),
        (f"{'x' * 33}={SECRET}", "1 to 32 bytes"),
        ("ward=1234567", "8 to 63 bytes"),
        (f"ward={'x' * 64}", "8 to 63 bytes"),
        (f"ward={SECRET}%2", "write %25"),
        (f"ward={SECRET}%zz", "write %25"),
        (f"ward={SECRET}%ff", "no text"),
        (f"ward={SECRET}\nward={SECRET}", "twice"),
        ("\n".join(f"n{n}={SECRET}" for n in range(5)), "at most 4"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(text, said):
    with pytest.raises(ValueError, match="wlan_networks") as refused:
        networks.parse(text)
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_longest_of_each_is_taken():
    text = f"{'n' * 32}={'p' * 63}"
    assert networks.parse(text) == [("n" * 32, "p" * 63)]
    assert networks.parse("n=12345678") == [("n", "12345678")]
    assert len(networks.parse("a=\nb=\nc=\nd=")) == 4
