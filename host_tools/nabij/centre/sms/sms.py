"""SMS as a part of a receiver: who posts, what came of it, and what those who run it must know."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from nabij.centre.console.address import Address
from nabij.centre.recurring import Job
from nabij.centre.sms import settings
from nabij.centre.sms.answering import Answering
from nabij.centre.sms.listening import Listening
from nabij.centre.sms.modem_line import ModemLine, Uses
from nabij.centre.sms.settings import Settings
from nabij.centre.sms.taking import Taking
from nabij.centre.sms.webhook import Webhook
from nabij.errors import NabijError

LOOK_S: Final = 2.0
ANSWER_LOOK_S: Final = 0.5
# A modem that is plugged in again, or starts, is no trouble.
PATIENCE_S: Final = 15.0
STOP_S: Final = 5.0
# It is said once that requests are refused, then how many were in each hour.
TELL_S: Final = 3600.0


@dataclass(frozen=True)
class Ways:
    """Where messages come in; None for what there is not."""

    listen: Address | None = None
    modem: str | None = None


class Sms:
    """Takes text messages by the ways that are given, and answers badges by them.

    `say` gets sentences.
    """

    def __init__(self, ways: Ways, say: Callable[[str], None]) -> None:
        self._ways = ways
        self._say = say
        self._settings = Settings({})
        self._listening: Listening | None = None
        self._modem: ModemLine | None = None
        self._answering: Answering | None = None
        self._trouble_s: float | None = None
        self._refusals = Refusals(say)

    def job(self, receiver: Any) -> Job:
        """What has to recur: the settings, and whether all is well."""
        self._store = receiver.store
        return Job(
            "nabij-sms",
            LOOK_S,
            self._look,
            "Text messages are not looked after",
            "Text messages come in as they should again.",
        )

    def answering_job(self, _receiver: Any) -> Job:
        """What has badges told."""
        return Job(
            "nabij-sms-receipts",
            ANSWER_LOOK_S,
            self._answer,
            "Receipts by SMS are not sent",
            "Receipts by SMS go out again.",
        )

    async def start(self, receiver: Any) -> None:
        """Begin; NabijError for a port that cannot be had."""
        self._store = receiver.store
        await asyncio.to_thread(self._read)
        self.taking = Taking(receiver.link.bring, asyncio.get_running_loop())
        if self._ways.listen is not None:
            self.webhook = Webhook(lambda: self._settings.services, self.taking, self._refusals)
            self._listening = Listening(self._ways.listen, self.webhook)
            await asyncio.to_thread(self._listening.start)
        if self._ways.modem is not None:
            uses = Uses(self.taking.take_blocking, lambda: self._settings.pin, self._forget_pin)
            self._modem = ModemLine(self._ways.modem, uses)
            self._modem.start()
        by_modem = None if self._modem is None else self._send
        self._answering = Answering(receiver, by_modem, self._say)

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await asyncio.to_thread(listening.stop)
        modem, self._modem = self._modem, None
        if modem is not None:
            await asyncio.to_thread(modem.stop, STOP_S)
        answering, self._answering = self._answering, None
        if answering is not None:
            await answering.stop()

    def renew(self) -> None:
        """Show the certificate that its files have now."""
        if self._listening is not None:
            self._listening.renew()

    def _read(self) -> None:
        self._settings = self._store.read(settings.read)

    def _forget_pin(self) -> None:
        """One that is wrong must not be given again, after a restart neither."""
        self._store.write(lambda one: settings.keep_pin(one, None))
        self._settings = replace(self._settings, pin=None)

    @property
    def modem_works(self) -> bool:
        """Whether there is a modem that takes and sends messages."""
        return self._modem is not None and not self._modem.trouble

    async def _send(self, number: str, text: str) -> str:
        if self._modem is None:
            return "the receiver stops"
        return await asyncio.wrap_future(self._modem.send(number, text))

    async def _answer(self) -> None:
        answering = self._answering
        if answering is None:
            return
        await answering.look(self._settings)
        if answering.sentence:
            raise NabijError(answering.sentence)

    def _modem_trouble(self) -> str:
        """What has been the matter with the modem for a while; empty when nothing is."""
        trouble = "" if self._modem is None else self._modem.trouble
        if not trouble:
            self._trouble_s = None
            return ""
        now_s = time.monotonic()
        if self._trouble_s is None:
            self._trouble_s = now_s
        return trouble if now_s - self._trouble_s > PATIENCE_S else ""

    async def _look(self) -> None:
        await asyncio.to_thread(self._read)
        if self._listening is not None:
            await asyncio.to_thread(self._listening.look)
        trouble = self._modem_trouble()
        if trouble:
            raise NabijError(trouble)
        if self._ways.listen is not None and not self._settings.services:
            raise NabijError(
                "No service is set that may post text messages: see `nabij sms set`, or leave "
                "--sms-listen out."
            )


class Refusals:
    """Says that posts are refused: at once, then each hour how many. For one thread."""

    def __init__(
        self, say: Callable[[str], None], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._now_s = now_s
        self._next_s = 0.0
        self._untold = 0

    def __call__(self, name: str, why: str) -> None:
        """One more."""
        self._untold += 1
        now_s = self._now_s()
        if self._next_s and now_s < self._next_s:
            return
        what = "A post was" if self._untold == 1 else f"{self._untold} posts were"
        self._say(
            f"{what} refused at --sms-listen, the last one at /sms/{name} ({why}): if {name} sent "
            "it, its secret or its address is not what `nabij sms set` was told."
        )
        self._untold, self._next_s = 0, now_s + TELL_S
