"""The event journal on flash: the newest lines of the log, bounded, each with its own CRC."""

import os

from badge.core.codec import journal
from badge.core.portable import const

# Segments are `events.<n>` with n rising; the older of two gives way when the newer is full.
_PREFIX = "events."
_SEGMENTS = const(2)
REC_EVENT = const(2)


class EventFiles:
    """Records (number, boot, text) in `dir_path`; numbers rise over all starts. Raises OSError."""

    def __init__(self, dir_path, max_bytes=16_384):
        self._dir = dir_path.rstrip("/") + "/"
        self._max_bytes = max_bytes
        self._next = None

    def append(self, boot, texts):
        """Store texts (cut to 200 bytes each); durable once the returned steps are exhausted.

        Every step is one stall of flash, so that a squeeze can be let in between two of them.
        """
        numbers = self._open()
        yield
        data = b""
        for text in texts:
            payload = text.encode()[: journal.MAX_PAYLOAD]
            data += journal.encode(REC_EVENT, boot, self._next, payload)
            self._next += 1
        newest = numbers[-1] if numbers else 0
        if not numbers or os.stat(self._path(newest))[6] + len(data) > self._max_bytes:
            newest += 1
            while len(numbers) >= _SEGMENTS:
                os.remove(self._path(numbers.pop(0)))
                yield
        with open(self._path(newest), "ab") as file:
            # Erases a block; what closing it does to the directory can take as long again.
            file.write(data)
            yield

    def read(self, start, most):
        """At most `most` records from number `start` on: [(number, boot, text)].

        Damaged stretches are passed over: the gap in the numbers shows them.
        """
        found = []
        for number in self._numbers():
            with open(self._path(number), "rb") as file:
                records, _damage = journal.scan(file.read(self._max_bytes))
            for kind, boot, seq, payload in records:
                if kind == REC_EVENT and seq >= start:
                    found.append((seq, boot, _text(payload)))
                    if len(found) >= most:
                        return found
        return found

    def _open(self):
        if self._next is None:
            parent, _, name = self._dir[:-1].rpartition("/")
            if name not in os.listdir(parent or "/"):
                os.mkdir(self._dir[:-1])
            last = self._last_number()
            self._next = last + 1
        return self._numbers()

    def _last_number(self):
        highest = 0
        for number in self._numbers():
            with open(self._path(number), "rb") as file:
                records, _damage = journal.scan(file.read(self._max_bytes))
            for record in records:
                highest = max(highest, record.seq)
        return highest

    def _numbers(self):
        try:
            names = os.listdir(self._dir[:-1])
        except OSError:
            return []
        start = len(_PREFIX)
        return sorted(
            [int(n[start:]) for n in names if n.startswith(_PREFIX) and n[start:].isdigit()]
        )

    def _path(self, number):
        return "%s%s%d" % (self._dir, _PREFIX, number)


def _text(payload):
    try:
        return payload.decode()
    except UnicodeError:
        # A text cut in the middle of a character.
        return "".join([chr(byte) if byte < 128 else "?" for byte in payload])
