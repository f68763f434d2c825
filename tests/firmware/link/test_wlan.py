"""WLAN and several bearers as one have all that a bearer has; what else comes of WLAN."""

import json

import pytest

from tests.firmware.link.contract import promised
from tests.mp import run_mp

RIG = """
import json
from badge.link.bearers import Bearers
from badge.link.wlan import Wlan

wlan = Wlan(None, [("ward", "")], "", None)
both = Bearers([wlan, wlan], lambda: False, lambda: False, None)
"""


@pytest.mark.parametrize("bearer", ["wlan", "both"])
def test_it_has_all_that_a_bearer_has(bearer: str) -> None:
    script = f"{RIG}print(json.dumps([n for n in {promised()!r} if not hasattr({bearer}, n)]))"
    assert json.loads(run_mp(script)) == []


def test_a_time_server_is_understood_after_its_seconds_have_begun_anew() -> None:
    """32 bits from 1900 on are full on 7 February 2036, at 06:28:16."""
    script = f"""{RIG}
from badge.link.wlan import _utc_of
head = bytes((0x24, 1)) + bytes(38)
times = ((1 << 32) - 1, 0, 1)
print([_utc_of(head + at.to_bytes(4, "big") + bytes(4)) for at in times])
"""
    assert json.loads(run_mp(script)) == [2_085_978_495, 2_085_978_496, 2_085_978_497]


def test_a_chip_without_a_socket_left_is_a_fault_of_the_bearer_and_not_of_the_task() -> None:
    script = f"""{RIG}
import asyncio
from badge.link import plain_socket
from badge.link import wlan as module

class Full:
    def __getattr__(self, name):
        raise OSError(23)

class Log:
    def failure(self, *_, **__):
        pass

class Nic:
    def ifconfig(self):
        return 4 * ("127.0.0.1",)

module.socket = plain_socket.socket = Full()
wlan = Wlan(Nic(), [("ward", "")], "127.0.0.1", Log())
found = [asyncio.run(wlan.utc_s())]
try:
    asyncio.run(wlan.stream().open("127.0.0.1", 1, 1000))
except wlan.errors as error:
    found.append(error.code)
print(json.dumps(found))
"""
    assert json.loads(run_mp(script)) == [None, "wlan.open"]


def test_only_all_of_it_begins_anew_and_not_a_part_that_it_does_not_have() -> None:
    """A receiver that is not reached must not cost the badge its access point twice."""
    script = f"""{RIG}
import asyncio
from badge.core.link_ladder import CONTEXT, NONE, POWER, RADIO

class Nic:
    on = True
    def active(self, on):
        self.on = on
    def config(self, **_):
        pass

nic, found = Nic(), []
wlan = Wlan(nic, [("ward", "")], "", None)
for rung in (NONE, CONTEXT, RADIO, POWER):
    asyncio.run(wlan.revive(rung))
    found.append(nic.on)
print(json.dumps(found))
"""
    assert json.loads(run_mp(script)) == [True, True, True, False]
