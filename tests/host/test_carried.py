"""Who carried a message is known by its topic, and of a badge by what kind of message it is."""

import pytest

from badge.core.codec import wire
from badge.core.codec.carried import Carried, encode_carried
from nabij.carried import carrier_of

KEY = bytes(32)
ALARM = wire.encode_alarm(KEY, "b1", 1, 1, 1, 0)
CARRIED = encode_carried(KEY, Carried("b1", 1, b"", b"frame", -60, None))


@pytest.mark.parametrize(
    ("topic", "frame", "name"),
    [
        ("nabij/gw_hall/up", CARRIED, "gw_hall"),
        ("nabij/gw_hall/up", b"rubbish", "gw_hall"),
        ("nabij/b1/up", CARRIED, "b1"),
        ("nabij/b1/up", ALARM, None),
        ("nabij/b1/up", b"rubbish", None),
        ("nabij/gw_hall/down", CARRIED, None),
        ("nabij/gw_hall/up/more", CARRIED, None),
        ("gw_hall", CARRIED, None),
    ],
)
def test_who_carried_is_known_by_topic_and_message(
    topic: str, frame: bytes, name: str | None
) -> None:
    assert carrier_of(topic, frame) == name
