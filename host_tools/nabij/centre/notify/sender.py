"""Sends messages by mail, SMS, push and chat, side by side: each attempt ends in time."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import Process
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

# A mail server may take its time; whoever is called next does not wait for it.
TIMEOUT_S: Final = 20.0
# Side by side, in all and to one address: a server that hangs must not take the turns of others.
MOST: Final = 16
MOST_OF_ONE: Final = 4
# A process takes a second to be ready, so that two wait for what comes next.
MOST_IDLE: Final = 2


@dataclass(frozen=True)
class Message:
    """What is sent, and to which address of apprise's."""

    url: str
    title: str
    body: str


@dataclass(frozen=True)
class Outcome:
    """Whether a channel took it, and what it said."""

    is_sent: bool
    said: str


class Sender:
    """Makes attempts, each in a process that does one at a time. For one event loop."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._at_work: Counter[str] = Counter()
        self._idle: list[Process] = []

    def has_room(self, url: str) -> bool:
        """Whether an attempt at that address may begin now."""
        return self._at_work.total() < MOST and self._at_work[_address(url)] < MOST_OF_ONE

    async def attempt(self, message: Message) -> Outcome:
        """Try once; what became of it, at the latest when the time-out is over."""
        address = _address(message.url)
        self._at_work[address] += 1
        try:
            return await self._attempt(message)
        except OSError as error:
            return Outcome(is_sent=False, said=f"no process could be had ({error.strerror})")
        finally:
            self._at_work[address] -= 1

    async def stop(self) -> None:
        """End the processes that wait; those at work end with their attempts."""
        while self._idle:
            await _end(self._idle.pop())

    async def _attempt(self, message: Message) -> Outcome:
        asked = {
            "url": message.url,
            "title": message.title,
            "body": message.body,
            "timeout_s": self._timeout_s,
        }
        line = b""
        process = await self._process()
        try:
            async with asyncio.timeout(self._timeout_s):
                line = await _asked(process, json.dumps(asked).encode() + b"\n")
        except TimeoutError:
            return Outcome(is_sent=False, said=f"no answer within {self._timeout_s:g} s")
        finally:
            if line.endswith(b"\n") and len(self._idle) < MOST_IDLE:
                self._idle.append(process)
            else:
                await _end(process)
        return _outcome(line)

    async def _process(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "nabij.centre.notify.attempt"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )


async def _asked(process: Process, line: bytes) -> bytes:
    # Both are pipes, as they were asked for.
    if process.stdin is None or process.stdout is None:
        return b""
    process.stdin.write(line)
    await process.stdin.drain()
    return await process.stdout.readline()


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _outcome(output: bytes) -> Outcome:
    try:
        found: dict[str, Any] = json.loads(output)
        return Outcome(is_sent=bool(found["is_sent"]), said=_plain(str(found["said"])))
    except (ValueError, KeyError, TypeError):
        return Outcome(is_sent=False, said="the attempt ended without an answer")


def _plain(said: str) -> str:
    """As every database keeps it."""
    return said.replace("\0", " ").encode("utf-8", "replace").decode()


def _address(url: str) -> str:
    """The scheme and the host of it; enough to tell one server from another."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}"
