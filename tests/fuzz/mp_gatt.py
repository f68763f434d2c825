"""Target `gatt`: strangers that come, write rubbish, stay or go while an alarm has no receipt.

Nothing of it counts as a receipt, the badge goes on calling, and the receipt counts that comes
after it.
"""

import asyncio
from time import ticks_ms

from badge.core.alarm import life
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.outbox import Outbox
from badge.core.codec import beacon, veil, wire
from badge.core.outage import Outages
from badge.core.settings import config
from badge.link.ble.controller import Controller
from badge.link.ble.peripheral import Peripheral
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.common import Common
from badge.tasks.nearby_task import NearbyTask
from badge.tasks.stall_gate import StallGate
from sim.models.ble import BleModel
from sim.options.ble import OPTIONS
from sim.options.option import filled
from sim.world import current
from tests.fuzz.mp_draw import drawn

_KEY, _BADGE = b"k" * 32, "nb-0001"
_NONCE = b"\x01\x02\x03\x04"


def _status(key, state, seq=1, badge=_BADGE):
    frame = wire.encode_status(key, badge, 1, seq, state, 1_800_000_000, rev=1, number=4)
    return veil.veil(key, veil.STATUS, _NONCE, frame)


_RECEIPT = _status(_KEY, wire.STATUS_RECEIVED)
SAMPLES = (
    _status(_KEY, wire.STATUS_RECEIVED, seq=9),
    _status(b"o" * 32, wire.STATUS_CLOSED),
    veil.veil(_KEY, veil.FRAME, _NONCE, b"a frame and no status"),
)


def make(seed):
    """The pieces of a seed: each a write, or who comes and goes (`_befall`)."""
    return drawn(seed, SAMPLES)


class Log:
    """Who hears of events."""

    def event(self, what, **fields):
        """Nothing is done with it."""

    def failure(self, what, error, **fields):
        """A radio that fails is none of what is looked for here."""
        assert what != "ble.failed", error

    def utc_s(self):
        """A clock that knows no time."""

    def offset_told(self, offset, utc_s):
        """Nothing is done with it."""


class Who:
    """A badge's identity."""

    badge, hmac_key = _BADGE, _KEY


class Journal:
    """Flash that works."""

    primed = True

    def append(self, record_type, boot, seq, payload):
        """Kept."""

    def prime(self):
        """Ready."""


class Link:
    """A link that is down."""

    is_up = False
    outages = Outages(0)


class Greeting:
    """A badge with nothing to tell."""

    def frames(self, alarms, now_ms, outage):
        """One hello."""
        return [b"hello"]


def _nothing(*_):
    return None


class Badge:
    """The task that calls for whoever is near, on the model of the radio."""

    def __init__(self):
        world = current.world
        self.radio = BleModel(world, filled(OPTIONS, {"gateway": False}, "BLE"), None)
        current.board.ble = self.radio
        settings, log = config.defaults(), Log()
        gate = StallGate(lambda: False, _nothing)
        common = Common(settings, log, gate, _nothing, log)
        outbox = Outbox(settings, lambda: 0)
        self.keeper = AlarmKeeper(
            common, AlarmBook(1), Journal(), outbox, Who, on_open=_nothing, on_waiting=_nothing
        )
        controller = Controller()
        self.task = NearbyTask(
            common,
            lambda heard: Peripheral(controller, _KEY, heard),
            Who,
            self.keeper,
            outbox=outbox,
            greeting=Greeting(),
            link=Link,
            after_ms=0,
        )

    def write(self, connection, handle, value):
        """Somebody writes to a value."""
        self.radio.written(connection, handle, value)

    def status_handle(self):
        """Where a status belongs."""
        return next(h for h, uuid, _flags in self.radio.services if uuid == beacon.STATUS)


async def run(pieces):
    """An alarm, all that, and its receipt."""
    badge = Badge()
    task = asyncio.create_task(badge.task.run(_nothing))
    try:
        badge.keeper.squeeze(ticks_ms())
        (alarm,) = badge.keeper.open_alarms()
        await asyncio.sleep_ms(50)
        assert badge.task.is_on, "it does not call"
        for piece in pieces:
            await _befall(badge, piece)
            assert alarm.state == life.RAISED, "rubbish was taken for a receipt"
        for connection in sorted(badge.radio.connections):
            badge.radio.gone(connection)
        await asyncio.sleep_ms(1_100)
        assert not task.done(), "the task has died"
        badge.radio.came(0)
        badge.write(0, badge.status_handle(), _RECEIPT)
        await asyncio.sleep_ms(1_100)
        assert alarm.state == life.RECEIVED, "the receipt does not count"
    finally:
        task.cancel()
        await asyncio.sleep_ms(1)


async def _befall(badge, piece):
    """What a piece does: its bytes are a write, its sum says what comes with that."""
    mark = sum(piece) + len(piece)
    radio = badge.radio
    who = mark % 4
    # Nobody can come to a badge that has as many as it wants, and calls no more.
    if mark % 3 == 0 and who not in radio.connections and len(radio.connections) < 3:
        radio.came(who)
        await asyncio.sleep_ms(1)
    # Handles that are nobody's are written to as well.
    handle = badge.status_handle() if mark % 5 else 16 + mark % 9
    badge.write(who, handle, piece[: beacon.VALUE_MAX])
    if mark % 7 == 0 and radio.connections:
        radio.gone(min(radio.connections))
    await asyncio.sleep_ms(mark % 2_500 if mark % 2 else 1)
