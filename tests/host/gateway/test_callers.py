"""Of many that call, whose turn it is; and a gateway among more than it can visit at once."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Self, cast

import pytest
from bleak.backends.device import BLEDevice

from badge.core.codec import beacon
from badge.core.codec.carried import Brought, Carried, decode_carried, encode_brought
from nabij.gateway import gateway as module
from nabij.gateway.callers import GONE_S, Call, Callers
from nabij.gateway.gateway import MOST_VISITS, Gateway, Stack
from nabij.gateway.identity import Identity

KEY = b"k" * 32
BEACON = bytes((0x1B,)) + bytes(beacon.SIZE - 1)


def call(address: str) -> Call:
    return Call(BLEDevice(address, None, None), BEACON, -60)


def taken(callers: Callers) -> str | None:
    one = callers.take()
    return None if one is None else one.device.address


def test_who_called_most_often_since_its_visit_comes_first() -> None:
    now_s = [100.0]
    callers = Callers(10, lambda: now_s[0])
    for address in ("a", "b", "b", "c", "b", "a"):
        callers.heard(call(address))
    assert [taken(callers) for _ in range(4)] == ["b", "a", "c", None]
    callers.heard(call("b"))
    assert (len(callers), taken(callers)) == (1, "b")


def test_new_addresses_without_end_do_not_keep_one_that_stays_waiting() -> None:
    now_s = [100.0]
    callers = Callers(50, lambda: now_s[0])
    for number in range(400):
        callers.heard(call(f"new{number}"))
        if number % 40 == 0:
            callers.heard(call("badge"))
    assert len(callers) == 50
    assert taken(callers) == "badge"


def test_who_is_not_heard_any_more_is_forgotten() -> None:
    now_s = [100.0]
    callers = Callers(10, lambda: now_s[0])
    for _ in range(9):
        callers.heard(call("gone"))
    now_s[0] += GONE_S + 1
    callers.heard(call("here"))
    assert [taken(callers), taken(callers)] == ["here", None]
    # And it begins anew when it is back.
    callers.heard(call("gone"))
    now_s[0] += GONE_S + 1
    for address in ("gone", "here", "here"):
        callers.heard(call(address))
    assert taken(callers) == "here"


class Crowd:
    """So many badges that call all the time; what a gateway hears of them, and finds there."""

    def __init__(self, count: int) -> None:
        self.waiting = {f"badge{number}": b"alarm" for number in range(count)}
        self.told_s: dict[str, float] = {}
        self.most = self.visits = 0
        self.carried: list[Carried] = []
        self.is_up = True
        self._are_all_told = asyncio.Event()
        self._began_s = time.monotonic()
        self.gateway = Gateway(_identity(), lambda _: None, cast("Stack", self))
        vars(self.gateway)["_line"] = self

    def scan(self, heard: Callable[[Any, Any], None]) -> Any:
        return _Scan(self, heard)

    def peer(self, device: BLEDevice) -> Any:
        return _Peer(self, device.address)

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def send(self, frame: bytes) -> bool:
        one = decode_carried(KEY, frame)
        self.carried.append(one)
        answer = encode_brought(KEY, Brought("gw_x", one.call, b"status"))
        asyncio.get_running_loop().call_later(
            0.05, vars(Gateway)["_brought"], self.gateway, answer
        )
        return True

    def told(self, address: str) -> None:
        self.told_s.setdefault(address, time.monotonic() - self._began_s)
        self.waiting[address] = b"hello of " + address.encode()
        if len(self.told_s) == len(self.waiting):
            self._are_all_told.set()

    async def until_all_are_told(self, limit_s: float) -> None:
        work = asyncio.create_task(self.gateway.run(self._are_all_told))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._are_all_told.wait(), limit_s)
        self._are_all_told.set()
        await work


class _Scan:
    def __init__(self, crowd: Crowd, heard: Callable[[Any, Any], None]) -> None:
        self._crowd = crowd
        self._heard = heard

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._call())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._work.cancel()

    async def _call(self) -> None:
        said = SimpleNamespace(manufacturer_data={beacon.COMPANY: BEACON}, rssi=-60)
        while True:
            for address in self._crowd.waiting:
                self._heard(BLEDevice(address, None, None), said)
            await asyncio.sleep(0.1)


class _Peer:
    def __init__(self, crowd: Crowd, address: str) -> None:
        self._crowd = crowd
        self._address = address

    async def __aenter__(self) -> Self:
        self._crowd.visits += 1
        self._crowd.most = max(self._crowd.most, self._crowd.visits)
        await asyncio.sleep(0.3)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._crowd.visits -= 1

    async def read_gatt_char(self, _: str) -> bytearray:
        return bytearray(self._crowd.waiting[self._address])

    async def write_gatt_char(self, *_: Any, response: bool) -> None:
        assert response
        self._crowd.told(self._address)


def _identity() -> Identity:
    return cast("Identity", SimpleNamespace(name="gw_x", key=KEY, tls=None, client_id="x"))


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Line", lambda *_: None)


def test_in_a_crowd_each_gets_its_receipt_in_turn_and_nobody_waits_for_a_goodbye() -> None:
    """When whoever was heard next was next, the last of twelve waited for half a minute."""

    async def lived() -> Crowd:
        crowd = Crowd(12)
        await crowd.until_all_are_told(30)
        return crowd

    crowd = asyncio.run(lived())
    assert len(crowd.told_s) == 12
    print(f"the last of 12 after {max(crowd.told_s.values()):.1f} s")
    assert max(crowd.told_s.values()) < 12
    assert crowd.most == MOST_VISITS


@pytest.mark.parametrize(
    ("clock_s", "said_s"),
    [
        (1_800_000_000.5, 1_800_000_000),
        (86_400.0, 86_400),
        (0.0, None),
        (-5.0, None),
        (2.0**32, None),
    ],
)
def test_a_clock_that_the_wire_has_no_room_for_is_not_told_and_the_alarm_goes(
    monkeypatch: pytest.MonkeyPatch, clock_s: float, said_s: int | None
) -> None:
    monkeypatch.setattr(time, "time", lambda: clock_s)

    async def lived() -> Crowd:
        crowd = Crowd(1)
        await crowd.until_all_are_told(10)
        return crowd

    crowd = asyncio.run(lived())
    assert len(crowd.told_s) == 1
    assert crowd.carried[0].utc_s == said_s
