"""The connection to one address of an alarm centre: one frame, one answer, and again."""

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nabij.centre.handover import frame
from nabij.centre.handover.frame import ACK, DUH, LONGEST, NAK, Frame, FrameError

CONNECT_S: Final = 4.0
ANSWER_S: Final = 6.0


class Said(Enum):
    """What came of a frame."""

    ACK = "it has it"
    NAK = "it refuses the time or cannot read it"
    DUH = "it takes no such event"
    SILENCE = "no answer"


@dataclass(frozen=True)
class Answer:
    """`stamp_ms` is the centre's own time (ms since 1970 UTC), where it told that."""

    said: Said
    words: str
    stamp_ms: int | None = None


class Line:
    """Connects when there is something to send, and stays connected; safe to close twice."""

    def __init__(self, host: str, port: int, key: bytes) -> None:
        self.name = f"{host}:{port}"
        self._host, self._port, self._key = host, port, key
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, sent: Frame) -> Answer:
        """Send a frame and wait for its answer; a connection without one is closed."""
        try:
            reader, writer = await self._connected()
            # Centres are known that take what one read gives for one frame.
            writer.write(frame.encode(sent, self._key))
            async with asyncio.timeout(ANSWER_S):
                await writer.drain()
                answer = await self._answer_to(sent, reader)
        except TimeoutError:
            answer = Answer(Said.SILENCE, "no answer in time")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            answer = Answer(Said.SILENCE, "it hung up or sent no end of a frame")
        except OSError as error:
            answer = Answer(Said.SILENCE, error.strerror or str(error) or type(error).__name__)
        except BaseException:
            # Whoever comes next must not be given the answer to this.
            self.close()
            raise
        if answer.said is Said.SILENCE:
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is not None and self._writer is not None and not self._reader.at_eof():
            return self._reader, self._writer
        self.close()
        async with asyncio.timeout(CONNECT_S):
            opened = await asyncio.open_connection(self._host, self._port, limit=LONGEST + 1)
        self._reader, self._writer = opened
        return opened

    async def _answer_to(self, sent: Frame, reader: asyncio.StreamReader) -> Answer:
        while True:
            whole = await reader.readuntil(b"\r")
            try:
                found = frame.decode(whole[max(whole.find(b"\n"), 0) :], self._key)
            except FrameError as error:
                return Answer(Said.SILENCE, f"an answer that is none: {error}")
            if found.kind == NAK:
                return Answer(Said.NAK, Said.NAK.value, found.stamp_ms)
            if found.seq != sent.seq or found.account.upper() != sent.account.upper():
                # Late, and of something else.
                continue
            if found.kind == ACK:
                return Answer(Said.ACK, Said.ACK.value, found.stamp_ms)
            if found.kind == DUH:
                return Answer(Said.DUH, Said.DUH.value)
            return Answer(Said.SILENCE, f"an answer of type {found.kind}")
