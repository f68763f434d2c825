"""Connections of browsers: one that asks for nothing does not stay, and is the first to go."""

import asyncio
from typing import Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

# So long the lines of a request may take; its body has a time of its own.
REQUEST_S: Final = 20.0
# The files that this process may have open are those of the alarms as well.
MOST: Final = 800


class Impatient(H11Protocol):
    """HTTP as uvicorn speaks it, which for itself waits for a request for ever."""

    # Of connections at once.
    most = MOST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; of too many one that asked for nothing goes."""
        super().connection_made(transport)
        self._expect_request()
        if len(self.connections) > self.most:
            others = cast("set[Impatient]", self.connections) - {self}
            next((one for one in others if one.is_waiting), self).transport.abort()

    def on_response_complete(self) -> None:
        """Answered: the next request has its time."""
        super().on_response_complete()
        self._expect_request()

    @property
    def is_waiting(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_request(self) -> None:
        answered = self.cycle

        def late() -> None:
            if self.cycle is answered and self.is_waiting:
                self.transport.close()

        self.loop.call_later(REQUEST_S, late)
