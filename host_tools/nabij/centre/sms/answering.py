"""Receipts by SMS: the status that the link would bring, to the number of the badge alone."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from badge.core.codec import sms_text, wire
from badge.core.codec.cbor import WireError
from nabij.centre.incidents.handling import Owed
from nabij.centre.notify.sender import Message, Sender
from nabij.centre.sms import owing, settings
from nabij.centre.sms.owing import Due, Looked
from nabij.centre.sms.settings import MODEM, Settings

# Sends a text to a number; empty when it was taken, else what was said.
Send = Callable[[str, str], Awaitable[str]]
SEND_S: Final = 70.0
_LIMITED_S: Final = 90.0
_SAID_S: Final = 3600.0
# Side by side, in all, by one service, which may hang, and by the modem, which sends one by one.
MOST_AT_ONCE: Final = 50
MOST_OF_ONE: Final = 20
MOST_OF_MODEM: Final = 8
# Longer than from one try to the next: what is not tried again is no trouble any more.
_FAILING_S: Final = 400.0


class Answering:
    """Sends what is due by whoever can. `modem` sends by one, None where there is none.

    Each is sent beside the others, so that who hangs delays no other. `say` gets a sentence about
    a badge that has no number.
    """

    def __init__(
        self,
        receiver: Any,
        modem: Send | None,
        say: Callable[[str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._receiver = receiver
        self._modem = modem
        self._say = say
        self._now_s = now_s
        self._sender = Sender()
        self._limited_s = 0.0
        self._said_s: dict[str, float] = {}
        # What is being sent, by the name of the way.
        self._sending: dict[asyncio.Task[None], str] = {}
        # By the alarm: why its badge was not told, and until when that counts.
        self._failing: dict[int, tuple[str, float]] = {}
        self._event: int | None = None
        self._news_ms = 0

    async def stop(self) -> None:
        """End what is being sent, and the processes that send."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._sender.stop()

    async def look(self, kept: Settings) -> None:
        """Begin to send what is due; raises what sending one has died of."""
        self._reap()
        ways = self._ways(kept)
        if not ways or not await self._is_any():
            return
        connected = await self._receiver.presence.look()
        # While the broker is gone nobody has a session.
        present: frozenset[str] = connected or frozenset()
        work = partial(
            owing.look,
            present=present,
            now_ms=_now_ms(),
            news_ms=self._news_ms,
            may_send=partial(self._may_send, Counter(self._sending.values()), ways),
        )
        found: Looked = await self._write(work)
        self._complain(found)
        for one in found.due:
            way = _way(one, ways)
            telling = self._tell(one, way, ways)
            task = asyncio.create_task(telling, name=f"nabij-sms-receipt {one.alarm_id}")
            self._sending[task] = way

    def _reap(self) -> None:
        """Forget what has ended; raises what one has died of."""
        ended = [task for task in self._sending if task.done()]
        for task in ended:
            del self._sending[task]
        for task in ended:
            task.result()

    async def _is_any(self) -> bool:
        """Whether anything is due: an alarm that only stays open costs no write."""
        event: int = await self._read(owing.newest_event)
        now_ms = _now_ms()
        if event != self._event:
            self._event, self._news_ms = event, now_ms
        work = partial(owing.is_any, now_ms=now_ms, news_ms=self._news_ms)
        return bool(await self._read(work))

    @staticmethod
    def _may_send(
        at_work: Counter[str], ways: Mapping[str, Send], one: Due, claimed: Sequence[Due]
    ) -> bool:
        if len(claimed) + at_work.total() >= MOST_AT_ONCE:
            return False
        way = _way(one, ways)
        mine = at_work[way] + sum(_way(other, ways) == way for other in claimed)
        return bool(mine < (MOST_OF_MODEM if way == MODEM else MOST_OF_ONE))

    @property
    def trouble(self) -> str:
        """What keeps badges from being told; empty when nothing does."""
        now_s = self._now_s()
        self._failing = {one: why for one, why in self._failing.items() if now_s < why[1]}
        if not self._failing:
            return ""
        words = "; ".join(sorted({words for words, _ in self._failing.values()}))
        return (
            f"A RECEIPT BY SMS DID NOT GO ({words}): it is sent again; the wearer feels that "
            "the alarm is not confirmed."
        )

    @property
    def sentence(self) -> str:
        """What is the matter; empty when nothing is."""
        if self._now_s() < self._limited_s:
            return (
                "RECEIPTS BY SMS WAIT: more are due than an hour has room for, so see which badge "
                "sends so many alarms."
            )
        return self.trouble

    def _complain(self, found: Looked) -> None:
        now_s = self._now_s()
        if found.is_limited:
            self._limited_s = now_s + _LIMITED_S
        for badge in found.unknown:
            if now_s < self._said_s.get(badge, 0.0):
                continue
            self._said_s[badge] = now_s + _SAID_S
            self._say(
                f"Badge {badge} sent an alarm by SMS and has no number here: give it by `nabij "
                "sms number`, so that it can be answered."
            )

    def _ways(self, kept: Settings) -> dict[str, Send]:
        ways: dict[str, Send] = {
            name: partial(self._by_service, one.send)
            for name, one in kept.services.items()
            if one.send is not None
        }
        return ways if self._modem is None else {**ways, MODEM: self._modem}

    async def _by_service(self, address: str, number: str, text: str) -> str:
        url = address.replace(settings.TO, number)
        outcome = await self._sender.attempt(Message(url, "", text))
        return "" if outcome.is_sent else outcome.said

    async def _tell(self, one: Due, name: str, ways: Mapping[str, Send]) -> None:
        """Send it by the way of that name, and keep what became of it."""
        text = self._text(one)
        said = ""
        if text is not None:
            try:
                async with asyncio.timeout(SEND_S):
                    said = await ways[name](one.number, text)
            except TimeoutError:
                said = f"no answer within {SEND_S:g} s"
        if said:
            self._failing[one.alarm_id] = (f"{name}: {said}", self._now_s() + _FAILING_S)
        else:
            self._failing.pop(one.alarm_id, None)
        if said or text is None:
            await self._write(partial(owing.failed, one=one, now_ms=_now_ms()))
        else:
            await self._write(partial(owing.sent, one=one, service=name, now_ms=_now_ms()))

    def _text(self, one: Due) -> str | None:
        """None for a badge that is not let in any more, or whose status has no room."""
        owed = Owed(
            action_id=0,
            incident_id=0,
            badge=one.badge,
            boot=one.boot,
            seq=one.seq,
            rev=one.rev,
            number=one.status_number,
            state=one.state,
        )
        message = self._receiver.intake.status(owed, wire.WAY_SMS)
        try:
            return None if message is None else str(sms_text.encode(message[1]))
        except WireError:
            return None

    async def _read(self, work: Callable[..., Any]) -> Any:
        return await asyncio.to_thread(self._receiver.store.read, work)

    async def _write(self, work: Callable[..., Any]) -> Any:
        return await asyncio.to_thread(self._receiver.store.write, work)


def _way(one: Due, ways: Mapping[str, Send]) -> str:
    """By the way it came first, then by each other in turn."""
    names = sorted(ways, key=lambda name: (name != one.service, name))
    return names[one.tries % len(names)]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
