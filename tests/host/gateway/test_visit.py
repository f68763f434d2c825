"""One visit to a badge: what is fetched, what is written, and when it is over."""

import asyncio
import time

import pytest
from bleak.exc import BleakError

from badge.core.codec import beacon
from nabij.gateway import visit as module
from nabij.gateway.visit import Visit, within


class Badge:
    """Offers these values one after the other, each until something is written."""

    def __init__(self, *values: bytes) -> None:
        self.values = list(values)
        self.written: list[bytes] = []

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        assert char_specifier == beacon.FRAME
        return bytearray(self.values[0] if self.values else b"")

    async def write_gatt_char(
        self, char_specifier: str, data: bytes, /, *, response: bool
    ) -> None:
        assert (char_specifier, response) == (beacon.STATUS, True)
        self.written.append(bytes(data))
        self.values.pop(0)


class Receiver:
    """Answers each frame, or says that it is nobody's, or nothing."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.frames: list[bytes] = []
        self.visit = Visit(self.carry)

    def carry(self, frame: bytes) -> int | None:
        self.frames.append(frame)
        if self.answer is not None:
            self.visit.answer(self.answer)
        return len(self.frames)


def test_each_value_is_carried_once_and_its_answer_written() -> None:
    badge, receiver = Badge(b"one", b"two"), Receiver(b"status")
    asyncio.run(receiver.visit.run(badge))
    assert receiver.frames == [b"one", b"two"]
    assert badge.written == [b"status", b"status"]
    assert (receiver.visit.fetched, receiver.visit.written) == (2, 2)


def test_what_is_nobodys_ends_the_visit_and_nothing_is_written() -> None:
    badge, receiver = Badge(b"one"), Receiver(b"")
    asyncio.run(receiver.visit.run(badge))
    assert receiver.visit.is_refused
    assert badge.written == []


def test_while_others_wait_it_is_over_soon_after_the_answer_and_not_before_it() -> None:
    """It calls again for what comes later; without others it is asked for that at once."""
    took_s = []
    for do_wait in ((lambda: False), (lambda: True)):
        badge, receiver = Badge(b"one", b"one", b"one"), Receiver(b"status")
        receiver.visit = Visit(receiver.carry, do_wait)
        began_s = time.monotonic()
        asyncio.run(receiver.visit.run(badge))
        took_s.append(time.monotonic() - began_s)
        assert badge.written == [b"status"]
    assert took_s[0] >= module.QUIET_S
    assert module.HASTY_S <= took_s[1] < module.QUIET_S
    silent = Receiver(None)
    silent.visit = Visit(silent.carry, lambda: True)
    began_s = time.monotonic()
    asyncio.run(silent.visit.run(Badge(b"one")))
    assert time.monotonic() - began_s >= module.QUIET_S


def test_without_an_answer_it_is_over_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUIET_S", 0.5)
    badge, receiver = Badge(b"one"), Receiver(None)
    asyncio.run(receiver.visit.run(badge))
    assert receiver.frames == [b"one"]


@pytest.mark.parametrize("value", [b"", bytes(beacon.VALUE_MAX + 1)])
def test_nothing_or_too_much_is_not_carried(value: bytes) -> None:
    receiver = Receiver(b"status")
    asyncio.run(receiver.visit.run(Badge(value)))
    assert receiver.frames == []


def test_without_a_line_the_badge_is_left_to_others() -> None:
    visit = Visit(lambda _frame: None)
    asyncio.run(visit.run(Badge(b"one")))
    assert (visit.fetched, visit.calls) == (0, set())


@pytest.mark.parametrize("error", [BleakError("gone"), OSError("gone"), EOFError(), KeyError("x")])
def test_whatever_the_stack_says_ends_the_visit_and_no_more(error: Exception) -> None:
    async def fails() -> None:
        raise error

    assert asyncio.run(within(fails()))


def test_a_visit_has_an_end() -> None:
    assert asyncio.run(within(asyncio.sleep(60), 0.05)) == "it takes too long"
    assert asyncio.run(within(asyncio.sleep(0))) == ""
