"""Takes the motion that badges send, when the receiver has nothing better to do.

It comes beside the stream of alarms and is kept by no broker, one piece of a badge waits at a
time, and what has no room is dropped: a badge without an answer sends it again. So an alarm waits
for it no longer than for a transaction of a few pieces, and seldom.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from nats.aio.msg import Msg

from badge.core.codec import motion_piece, wire
from badge.core.codec.cbor import WireError
from badge.core.codec.motion_piece import DONE, Kept, Piece
from nabij.centre.complaints import Complaint
from nabij.centre.health.disk import Usage, usage_of
from nabij.centre.link.door import LOST
from nabij.centre.link.floods import MOST, TOLD, TOLD_MS, WINDOW_MS, Windows
from nabij.centre.motion import pieces
from nabij.centre.motion.pieces import Taken
from nabij.centre.service import Receiver
from nabij.centre.store import StoreError
from nabij.centre.worker import Worker

SUBJECTS: Final = "nabij.*.motion"
# Receivers that share brokers share what comes.
QUEUE: Final = "motion"
# Badges of which a piece waits.
MOST_WAITING: Final = 2_048
# In one transaction, and how much of the time may go into them.
AT_ONCE: Final = 16
SHARE: Final = 4
SHORTEST_PAUSE_S: Final = 0.02
# While alarms are being taken, but not for ever: a second.
_GIVE_WAY_S: Final = 0.005
_MOST_GIVING_WAY: Final = 200
STOP_S: Final = 10.0
_AFTER_FAULT_S: Final = 1.0
# Of a disk that has less, alarms have the rest.
LEAST_FREE_BYTES: Final = 512 << 20
LEAST_FREE_SHARE: Final = 10

_log = logging.getLogger("nabij.motion")
Answer = tuple[str, bytes]


class MotionShelf:
    """A part of a receiver; `say` gets a sentence about each that is odd."""

    def __init__(
        self, say: Callable[[str], None], usage: Callable[[], Usage] | None = None
    ) -> None:
        self._say = say
        self._usage = usage
        self._waiting: dict[str, bytes] = {}
        self._some = asyncio.Event()
        self._rates = Windows(MOST, WINDOW_MS)
        self._told = Windows(TOLD, TOLD_MS)
        self._complaint = Complaint(say, "Motion of alarms is kept again.")
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        # What did not wait, for want of room.
        self.dropped = 0
        # What was no piece of the badge that it came from.
        self.refused = 0

    async def start(self, receiver: Receiver) -> None:
        """Begin."""
        self._receiver = receiver
        self._usage = self._usage or (lambda: usage_of(receiver.paths.root))
        self._worker = Worker("nabij-motion")
        self._task = asyncio.create_task(self._run(), name="nabij-motion")
        await receiver.link.hear(SUBJECTS, QUEUE, self._arrived)

    async def stop(self) -> None:
        """Finish what is at hand, and end. Safe to call twice, or without start."""
        task, self._task = self._task, None
        worker, self._worker = self._worker, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if worker is not None:
            worker.close(STOP_S)

    async def _arrived(self, message: Msg) -> None:
        badge = message.subject.split(".")[1]
        surplus = self._rates.count(badge, time.monotonic_ns() // 1_000_000)
        if surplus == 1:
            await self._receiver.link.done(partial(self._receiver.is_flooding, badge))
        if surplus or (len(self._waiting) >= MOST_WAITING and badge not in self._waiting):
            self.dropped += 1
            return
        # It has one in flight: a second one is the first again, or in its place.
        self._waiting[badge] = message.data
        self._some.set()

    async def _run(self) -> None:
        while self._worker is not None:
            await self._some.wait()
            try:
                await self._round(self._worker)
            except Exception:  # noqa: BLE001 - a fault of ours must not end this for all badges
                _log.exception("fault while taking motion")
                self._complaint.found("Motion of alarms is not kept because of a fault in nabij.")
                await asyncio.sleep(_AFTER_FAULT_S)

    async def _round(self, worker: Worker) -> None:
        await self._give_way()
        batch = [(badge, self._waiting.pop(badge)) for badge in list(self._waiting)[:AT_ONCE]]
        if not self._waiting:
            self._some.clear()
        began_s = time.monotonic()
        answers = await worker.run(lambda: self._take(batch))
        took_s = time.monotonic() - began_s
        await self._say_to_badges(answers)
        await asyncio.sleep(max(SHORTEST_PAUSE_S, (SHARE - 1) * took_s))

    async def _say_to_badges(self, answers: list[Answer]) -> None:
        client = self._receiver.link.client()
        if client is None:
            return
        with contextlib.suppress(*LOST):
            for topic, frame in answers:
                await client.publish(topic.replace("/", "."), frame)

    async def _give_way(self) -> None:
        """Let alarms go first."""
        for _ in range(_MOST_GIVING_WAY):
            if not self._receiver.link.is_taking():
                return
            await asyncio.sleep(_GIVE_WAY_S)

    def _take(self, came: list[tuple[str, bytes]]) -> list[Answer]:
        """The answers to them, once what is to be kept is on the disk; on the worker's thread."""
        found = [piece for one in came if (piece := self._open(*one)) is not None]
        now_ms = time.time_ns() // 1_000_000
        try:
            has_room = self._has_room()
            taken = self._receiver.store.write(
                lambda one: [pieces.take(one, piece, now_ms, has_room=has_room) for piece in found]
            )
        except StoreError as error:
            # The badges send it again, when they have another session at the latest.
            self._complaint.found(error.sentence)
            return []
        except Exception:  # noqa: BLE001 - a fault of ours must not end this for all badges
            _log.exception("fault while taking motion")
            self._complaint.found("Motion of alarms is not kept because of a fault in nabij.")
            return []
        self._complaint.over()
        if any(one.state == DONE for one in taken):
            self._receiver.changed()
        answers = []
        for piece, one in zip(found, taken, strict=True):
            if one.said and not self._told.count(piece.badge, now_ms):
                self._say(one.said)
            if one.state is not None:
                answers += self._answer(piece, one)
        return answers

    def _open(self, badge: str, frame: bytes) -> Piece | None:
        try:
            piece: Piece = motion_piece.decode_piece(frame, self._receiver.intake.key_of)
        except WireError:
            self.refused += 1
            return None
        # What another badge has said is not to come under this one's name.
        if piece.badge != badge:
            self.refused += 1
            return None
        return piece

    def _answer(self, piece: Piece, taken: Taken) -> list[Answer]:
        key = self._receiver.intake.key_of(piece.badge)
        if key is None:
            return []
        kept = Kept(piece.badge, piece.boot, piece.seq, taken.next, taken.state)
        return [(wire.down_topic(piece.badge), motion_piece.encode_kept(key, kept))]

    def _has_room(self) -> bool:
        assert self._usage is not None  # noqa: S101 - set at the start
        usage = self._usage()
        return usage.free >= min(LEAST_FREE_BYTES, usage.total // LEAST_FREE_SHARE)
