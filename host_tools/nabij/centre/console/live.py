"""Tells pages that something changed: server-sent events, each with the number of the last event.

A page fetches what it shows anew, so nothing is missed however often its connection ends, and
nobody learns here of what they may not see.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

# A page that hears nothing for 12 s says that its connection is lost.
BEAT_S: Final = 5.0
RETRY_MS: Final = 2_000
MOST_STREAMS: Final = 500
# So that one account, or who has its session, cannot take the pages of all others.
MOST_OF_ONE: Final = 50
# Whether the session still lasts is asked after the time of so many beats, however busy it is.
_CHECK_BEATS: Final = 3
# Ten alarms a second are not ten times all that a page shows.
APART_S: Final = 0.3


class Live:
    """The streams of all pages. `last` reads the number of the last event from the database."""

    def __init__(self, last: Callable[[], Awaitable[int]]) -> None:
        self._last = last
        # Whose account each is.
        self._streams: dict[asyncio.Event, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_over = False
        # Rises with every change, also one that is no event: what was fetched before is old.
        self.version = 0

    def start(self) -> None:
        """Begin, on the loop that serves the pages."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """End all streams."""
        self._is_over = True
        self._wake()

    def changed(self) -> None:
        """Something changed. For any thread; waits for nothing."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def refusal(self, account_id: int) -> str:
        """Why this account gets no further stream now, in a sentence; "" when it gets one."""
        if list(self._streams.values()).count(account_id) >= MOST_OF_ONE:
            return f"This account has {MOST_OF_ONE} pages open: close some."
        if len(self._streams) >= MOST_STREAMS:
            return "Too many pages are open: close some."
        return ""

    async def stream(
        self, account_id: int, last_seen: str, lasts: Callable[[], Awaitable[bool]]
    ) -> AsyncGenerator[bytes, None]:
        """The stream of one page, which has seen all up to `last_seen`; ends with its session."""
        news = asyncio.Event()
        self._streams[news] = account_id
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            shown = last_seen
            # A page that comes for the first time has fetched nothing yet.
            news.set()
            asked_s = time.monotonic()
            while not self._is_over:
                if time.monotonic() - asked_s > BEAT_S * _CHECK_BEATS:
                    if not await lasts():
                        yield b"event: over\ndata: 0\n\n"
                        return
                    asked_s = time.monotonic()
                if news.is_set():
                    news.clear()
                    number = str(await self._last())
                    is_repeat = number == shown == last_seen
                    shown, last_seen = number, ""
                    if not is_repeat:
                        yield f"event: changed\nid: {number}\ndata: {self.version}\n\n".encode()
                        await asyncio.sleep(APART_S)
                try:
                    await asyncio.wait_for(news.wait(), BEAT_S)
                except TimeoutError:
                    yield b": beat\n\n"
        finally:
            del self._streams[news]

    def _wake(self) -> None:
        self.version += 1
        for news in self._streams:
            news.set()
