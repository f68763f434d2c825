"""Sends the probes, says when none comes back, and mends what it can."""

import contextlib
import math
import time
from collections.abc import Callable
from typing import Final

from nabij.centre.complaints import Complaint
from nabij.centre.link import stream
from nabij.centre.link.broker import Broker
from nabij.centre.link.door import LOST
from nabij.centre.link.link import Link
from nabij.centre.link.named import NamedBrokers
from nabij.centre.recurring import Job
from nabij.centre.watch.probe import BACK_S, ProbeWatch, Stage, Verdict
from nabij.errors import NabijError

LOOK_S: Final = 1.0
STREAM_S: Final = 10.0
# As long as something was taken within this time, nothing is broken.
LATE_S: Final = 10.0
LATE: Final = (
    "ALARMS ARRIVE LATE: more come than can be taken, and a probe has waited behind them for more "
    "than 30 s; see what takes the time of this machine."
)


class Prober:
    """`broker` is the receiver's own, or those that it is told. `say` gets a sentence."""

    def __init__(
        self,
        watch: ProbeWatch,
        link: Link,
        broker: Broker | NamedBrokers,
        say: Callable[[str], None],
    ) -> None:
        self.watch = watch
        self._link = link
        self._broker = broker
        self._say = say
        self._taken = 0
        self._taken_s = -math.inf
        self._complaint = Complaint(say, "Probes come back again: alarms arrive.")

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-probe",
            LOOK_S,
            self.look,
            "THE WAY OF ALARMS IS NOT WATCHED",
            "The way of alarms is watched again.",
        )

    def stream_job(self) -> Job:
        """What has to recur, too."""
        return Job(
            "nabij-stream",
            STREAM_S,
            self.look_at_stream,
            "The broker's stream is not watched",
            "The broker's stream has room again.",
        )

    async def look_at_stream(self) -> None:
        """NabijError when there is hardly room in it for somebody."""
        client = self._link.client()
        if client is None:
            return
        with contextlib.suppress(*LOST):
            sentence = await stream.crowding(client)
            if sentence is not None:
                raise NabijError(sentence)

    async def look(self) -> None:
        """One round: another probe when it is time, and what follows from the last ones."""
        self._broker.mend_store()
        if self.watch.is_due():
            token = self.watch.next()
            self.watch.sent(done=await self._link.send_probe(token))
        if self._link.taken != self._taken:
            self._taken, self._taken_s = self._link.taken, time.monotonic()
        verdict = self.watch.look()
        if verdict.sentence is None:
            self._complaint.over()
            return
        if self.watch.stage is Stage.SENT and time.monotonic() - self._taken_s < LATE_S:
            # Whatever would be done now would only make it later.
            self._complaint.found(LATE)
            return
        self._complaint.found(verdict.sentence)
        if verdict.mend:
            await self._mend(verdict)

    async def _mend(self, verdict: Verdict) -> None:
        if self.watch.stage is Stage.REFUSED or self._broker.ready_s() < BACK_S:
            # It is the database, or a broker that has hardly begun: neither is helped by a start.
            return
        if self._link.is_up() and verdict.tries % 2 == 0:
            self._say("The receiver connects to its broker anew, to mend that.")
            await self._link.begin_anew()
        else:
            self._broker.restart()
