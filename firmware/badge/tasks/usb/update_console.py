"""The update.* verbs of the USB console: they carry an update to the Updater."""

from badge.core.codec import manifest, usb_protocol
from badge.tasks.usb.updater import UpdateError


class UpdateConsole:
    """Turns requests into calls of the Updater; the manifest comes in chunks, like any file."""

    def __init__(self, updater):
        self._updater = updater
        self._frame = b""

    async def status(self, _request):
        """The slots as they are."""
        return self._updater.status()

    async def manifest(self, request):
        """A chunk of the manifest at `offset`; 0 begins a new one."""
        offset = usb_protocol.field(request, "offset", int)
        data = usb_protocol.piece(request)
        if offset == 0:
            self._frame = b""
        if offset != len(self._frame) or offset + len(data) > manifest.FRAME_MAX:
            raise usb_protocol.UsbError(
                "usb.offset", "The manifest goes on at %d." % len(self._frame)
            )
        self._frame += data
        return {"have": len(self._frame)}

    async def begin(self, _request):
        """Offer the manifest; answers the slot and the bytes in all."""
        slot, total = await _asked(self._updater.offer(self._frame))
        return {"slot": slot, "bytes": total}

    async def next(self, _request):
        """What is to be sent next; `path` is null when all is there."""
        found = await _asked(self._updater.missing())
        path, offset, size = (None, 0, 0) if found is None else found
        return {"path": path, "offset": offset, "size": size}

    async def data(self, request):
        """A chunk of `path` at `offset`."""
        path = usb_protocol.field(request, "path", str)
        offset = usb_protocol.field(request, "offset", int)
        data = usb_protocol.piece(request)
        return {"have": await _asked(self._updater.feed(path, offset, data))}

    async def commit(self, _request):
        """Run it from the next start on, on trial."""
        slot = await _asked(self._updater.commit())
        self._frame = b""
        return {"slot": slot}


async def _asked(call):
    try:
        return await call
    except UpdateError as error:
        raise usb_protocol.UsbError(error.code, str(error))
