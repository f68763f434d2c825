"""What an engineer can ask of a running badge over USB: who it is, how it is, its files."""

import binascii
import hashlib
import json
import os
from time import ticks_ms

from badge.core.codec import usb_protocol
from badge.core.codec.usb_protocol import FRESH, OPEN, SERVICE, UsbError
from badge.core.portable import const

_FOLDER = const(0x4000)
_HASH_BYTES = const(2048)
_FILES_A_PAGE = const(10)
_RECORDS_A_PAGE = const(12)
_RECORD_BYTES_A_PAGE = const(900)
# Keys stay on the badge: no verb reads these, however authorised.
_SECRET = ("identity.json", "badge.key.der")


class UsbVerbs:
    """`facts()` is what `hello` tells, `status()` what `status` tells; `restart` is a Restart.

    `events` holds the journal on flash, `writer` the lines that are not there yet.
    """

    def __init__(self, guard, events, writer, gate, restart, *, facts, status):
        self._guard = guard
        self._events = events
        self._writer = writer
        self._gate = gate
        self._facts = facts
        self._status = status
        self._restart = restart

    def table(self):
        """The verbs as UsbConsole takes them."""
        return {
            "hello": (OPEN, self._hello),
            "authorise": (OPEN, self._authorise),
            "status": (OPEN, self._tell_status),
            "log": (OPEN, self._log),
            "list": (SERVICE, self._list),
            "get": (SERVICE, self._get),
            "hash": (SERVICE, self._hash),
            "reset": (FRESH, self._start_anew),
        }

    async def _hello(self, _request):
        answer = self._facts()
        answer["protocol"] = usb_protocol.VERSION
        answer["provisioned"] = self._guard.provisioned
        answer["nonce"] = self._guard.challenge(os.urandom(usb_protocol.NONCE_BYTES))
        return answer

    async def _authorise(self, request):
        self._guard.authorise(usb_protocol.field(request, "mac", str), ticks_ms())
        return {}

    async def _tell_status(self, _request):
        return self._status()

    async def _log(self, request):
        start = usb_protocol.field(request, "from", int, 0)
        await self._writer.settle()
        await self._gate.wait_open()
        self._gate.begin()
        try:
            records = self._events.read(start, _RECORDS_A_PAGE)
        except OSError as error:
            raise UsbError("usb.file", "The event journal cannot be read (%s)." % error)
        finally:
            self._gate.end()
        more = len(records) == _RECORDS_A_PAGE
        while len(records) > 1 and len(json.dumps(records)) > _RECORD_BYTES_A_PAGE:
            records.pop()
            more = True
        if not more:
            return {"records": records, "next": None}
        last, _boot, _text = records[-1]
        return {"records": records, "next": last + 1}

    async def _list(self, request):
        folder = usb_protocol.field(request, "path", str)
        start = usb_protocol.field(request, "start", int, 0)
        found = []
        await self._gate.wait_open()
        self._gate.begin()
        try:
            for name, kind, *_ in os.ilistdir(folder):
                size = None if kind == _FOLDER else os.stat(folder + "/" + name)[6]
                found.append((name, size))
        except OSError:
            raise UsbError("usb.file", "There is no folder %s on the badge." % folder)
        finally:
            self._gate.end()
        found.sort()
        page = found[start : start + _FILES_A_PAGE]
        rest = start + _FILES_A_PAGE < len(found)
        return {"files": page, "next": start + _FILES_A_PAGE if rest else None}

    async def _get(self, request):
        path = _readable(request)
        offset = usb_protocol.field(request, "offset", int)
        await self._gate.wait_open()
        self._gate.begin()
        try:
            size = os.stat(path)[6]
            with open(path, "rb") as file:  # noqa: ASYNC230 - at most one block, behind the gate
                file.seek(offset)
                data = file.read(usb_protocol.CHUNK_BYTES)
        except OSError:
            raise UsbError("usb.file", "There is no file %s on the badge." % path)
        finally:
            self._gate.end()
        return {"size": size, "data": usb_protocol.to_text(data)}

    async def _hash(self, request):
        path = _readable(request)
        digest = hashlib.sha256()
        try:
            with open(path, "rb") as file:  # noqa: ASYNC230 - a block at a time, behind the gate
                while True:
                    await self._gate.wait_open()
                    self._gate.begin()
                    block = file.read(_HASH_BYTES)
                    digest.update(block)
                    self._gate.end()
                    if not block:
                        return {"sha256": binascii.hexlify(digest.digest()).decode()}
        except OSError:
            raise UsbError("usb.file", "There is no file %s on the badge." % path)

    async def _start_anew(self, _request):
        if self._guard.provisioned:
            self._restart.soon("usb")
        else:
            # Nobody could close an alarm that is open.
            self._restart.at_once("usb")
        return {}


def _readable(request):
    path = usb_protocol.field(request, "path", str)
    # To littlefs a name ends at its first NUL.
    if any(char < " " for char in path):
        raise UsbError("usb.file", "A path has no control characters.")
    if any(part in _SECRET for part in path.split("/")):
        raise UsbError("usb.file", "%s holds a key, which stays on the badge." % path)
    return path
