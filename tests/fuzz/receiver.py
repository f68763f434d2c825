"""Targets at the receiver: its intake, what gateways carry, and what alarm centres answer."""

import asyncio
import hashlib
import hmac
import importlib
import itertools
import tempfile
from pathlib import Path
from typing import Any, Final

import cbor2

from badge.core.codec import beacon, cbor, veil, wire
from badge.core.codec.carried import Carried, decode_brought, encode_carried
from nabij.centre.handover import frame as dc09
from nabij.centre.handover.line import Line, Said
from nabij.centre.link.carriers import Carriers, UnknownError
from nabij.centre.link.incoming import Incoming
from nabij.centre.link.intake import Intake
from nabij.centre.store import BadgeRecord
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.deadline_world import KEY, World

# What runs under MicroPython as well is without annotations.
_draw: Any = importlib.import_module("tests.fuzz.mp_draw")
_codecs: Any = importlib.import_module("tests.fuzz.mp_codecs")

_NONCE: Final = b"\x01\x02\x03\x04"
_GATEWAY: Final = BadgeRecord("gw_hall", b"g" * 32, "CN=gw_hall", "", 1)
_BADGES: Final = [BadgeRecord(f"b-{n}", bytes((n,)) * 32, f"CN=b-{n}", "", 1) for n in range(4)]
_RECORDS: Final = {one.badge: one for one in (_GATEWAY, *_BADGES)}


def _carried(record: BadgeRecord, inner: bytes) -> bytes:
    call = beacon.encode(record.hmac_key, _NONCE, beacon.call_of(1, 1, 1, 1))
    fetched = veil.veil(record.hmac_key, veil.FRAME, _NONCE, inner)
    carried = Carried(_GATEWAY.badge, 9, call, fetched, -61, 1_800_000_000)
    return bytes(encode_carried(_GATEWAY.hmac_key, carried))


class Carrying:
    """What a gateway says that it carried: its own, spoiled, or spoiled under its sound MAC."""

    def __init__(self) -> None:
        self._carriers = Carriers()
        self._inner = wire.encode_alarm(_BADGES[2].hmac_key, "b-2", 1, 1, 1, 0, rev=1)
        self._sound = _carried(_BADGES[2], self._inner)

    def make(self, seed: int) -> list[bytes]:
        """The pieces of a seed."""
        pieces: list[bytes] = _codecs.sealed(seed, (self._sound,), b"nabij/carried/1")
        if seed & 1:
            payload, _mac = cbor.decode(pieces[0])
            pieces = [cbor.encode([payload, _mac_of(payload)])]
        return pieces

    def run(self, pieces: list[bytes]) -> None:
        """Refused by name, nobody's, or the frame that the badge veiled; then the sound one."""
        for piece in pieces:
            try:
                opened = self._carriers.open(_GATEWAY.badge, piece, _RECORDS, 0)
            except UnknownError as error:
                brought = decode_brought(_GATEWAY.hmac_key, error.answer[1])
                _draw.require(brought.status == b"", brought)
            except wire.WireError as error:
                _draw.require(error.code == "topic" or error.code[:5] == "wire.", error)
            else:
                assert opened.frame == self._inner, "a frame that no badge has veiled"
        opened = self._carriers.open(_GATEWAY.badge, self._sound, _RECORDS, 0)
        assert (opened.badge, opened.frame) == (_BADGES[2], self._inner)


def _mac_of(payload: bytes) -> bytes:
    return hmac.digest(_GATEWAY.hmac_key, b"nabij/carried/1" + payload, hashlib.sha256)[:16]


class Taking:
    """Messages beside an alarm, which is kept and answered whatever the others are."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nabij-fuzz-")
        self._world = World(Path(self._folder.name))
        self._seqs = itertools.count(1)
        up = wire.encode_alarm(KEY, "anna", 7, 1, 1, 300, rev=1, utc_s=1_790_000_000)
        hello = wire.Hello(
            "anna", 7, 1, "0.1.0", 60, 80, (wire.Standing(7, 1, 1, 0, 0),), None, None, None
        )
        # What a hello tells of its network is kept with its shift.
        shift = wire.encode_alarm(
            KEY, "anna", 7, 2, 1, 0, rev=1, flags=wire.FLAG_TEST, watch_s=36_000
        )
        self._anew().take("nabij/anna/up", shift)
        self._samples = (up, wire.encode_hello(KEY, hello), _codecs.ANSWER)

    def make(self, seed: int) -> list[bytes]:
        """The pieces of a seed, a message each."""
        pieces: list[bytes] = _codecs.sealed(seed, self._samples, b"nabij/up/1")
        return [*pieces, *_draw.drawn(seed, self._samples), _odd_hello(seed)]

    def run(self, pieces: list[bytes]) -> None:
        """All of them in one go, the alarm somewhere among them."""
        seq = next(self._seqs)
        alarm = wire.encode_alarm(KEY, "anna", 9, seq, 1, 0, rev=1)
        topics = ("nabij/anna/up", "nabij/gw_hall/up", "nabij/nobody/up", "nabij//up")
        messages = [
            Incoming(topics[(sum(piece) >> 2) % 4 if sum(piece) & 3 == 0 else 0], piece)
            for piece in pieces
        ]
        at = sum(map(len, pieces)) % (len(messages) + 1)
        messages.insert(at, Incoming("nabij/anna/up", alarm))
        # One that has heard no hello yet: else nearly all would be replays.
        outcomes = self._anew().take_all(messages)
        assert len(outcomes) == len(messages)
        assert all(outcome.done for outcome in outcomes), "it would come again for ever"
        told = [wire.decode_status(frame, KEY, "anna") for _topic, frame in outcomes[at].replies]
        assert [(one.boot, one.seq) for one in told] == [(9, seq)], "no receipt of the alarm"
        self._world.clock.wait(60)

    def _anew(self) -> Intake:
        world = self._world
        backlog = Backlog(world.clock.now(), None)
        return Intake(world.store, world.clock, backlog, lambda _sentence: None)


def _odd_hello(seed: int) -> bytes:
    """One that is authentic, and tells something odd of the time without a network."""
    draw = _draw.Draw(seed)
    odd = (
        0,
        1,
        3,
        8,
        12,
        255,
        256,
        1_000_000,
        1_000_001,
        1 << 62,
        -1,
        True,
        None,
        "8",
        b"8",
        [3],
        {3: 8},
    )
    told = [draw.one(odd) for _ in range(draw.below(6))]
    said = {0: 3, 1: "anna", 2: 7, 3: 9, 4: "0.1.0", 5: 60, wire.OUTAGE: told or draw.one(odd)}
    payload = cbor2.dumps(said)
    return cbor2.dumps([payload, hmac.digest(KEY, b"nabij/up/1" + payload, hashlib.sha256)[:16]])


class Handing:
    """An alarm centre that answers with rubbish: nothing but an ACK to what was sent is one."""

    _KEYS: Final = (b"", b"0123456789abcdef")
    _sent: Final = dc09.Frame("SIA-DCS", 17, "1234", "#1234|Nri1/PA1", stamp_ms=1_800_000_000_000)

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._say: list[bytes] = []
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        acks = [dc09.encode(dc09.Frame("ACK", 17, "1234", stamp_ms=1), key) for key in self._KEYS]
        self._acks = acks
        others = ("NAK", 0, "0"), ("DUH", 17, "1234"), ("ACK", 18, "1234")
        self._samples = (
            *acks,
            *(dc09.encode(dc09.Frame(kind, seq, who)) for kind, seq, who in others),
        )

    def make(self, seed: int) -> list[bytes]:
        """The pieces of a seed; every other one has its checksum and length renewed."""
        words = [b"\r", b"\n", b"[", b"]", b'"', b"_", b"|", b"#", b"*", b"0010", b"R0L0", b"ACK"]
        words += [b"_25:61:61,13-32-9999", b"_00:00:00,01-01-0001", b"\xff", b"+01F", b"0x1F"]
        pieces: list[bytes] = _draw.drawn(seed, self._samples, words)
        if seed & 1:
            body = b"".join(pieces)[9:].rstrip(b"\r")
            pieces = [b"\n%04X%04X%b\r" % (dc09.crc(body), len(body) & 0xFFFF, body)]
        return pieces

    def run(self, pieces: list[bytes]) -> None:
        """Rubbish is no ACK, and the next question gets its own."""
        whole = b"".join(pieces)
        for key in self._KEYS:
            try:
                dc09.decode(whole, key)
            except dc09.FrameError:
                continue
        self._loop.run_until_complete(self._asked(whole))

    async def _asked(self, whole: bytes) -> None:
        line = Line("127.0.0.1", self._port, b"")
        try:
            self._say = [whole]
            answer = await line.ask(self._sent)
            if answer.said is Said.ACK:
                assert self._is_ack(whole), "no ACK to this was taken for one"
            # Two questions in vain: of one it hung up, of one it said more than an answer.
            for _ in range(3):
                self._say = self._acks[:1]
                answer = await line.ask(self._sent)
                if answer.said is Said.ACK:
                    return
            raise AssertionError(answer)
        finally:
            line.close()

    def _is_ack(self, whole: bytes) -> bool:
        for one in whole.split(b"\r"):
            try:
                found = dc09.decode(one[max(one.find(b"\n"), 0) :] + b"\r")
            except dc09.FrameError:
                continue
            if found.kind == dc09.ACK and (found.seq, found.account) == (17, "1234"):
                return True
        return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r")
            writer.write(self._say.pop(0))
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            # It says no more: nobody waits for the end of a frame.
            writer.close()
