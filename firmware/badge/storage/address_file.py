"""The address at which the receiver answered last: a restart must not begin at a dead one."""

from badge.core.addresses import parse
from badge.core.retries import Retries
from badge.storage import files


class AddressFile:
    """A (host, port) in a small file; OSError when flash fails."""

    def __init__(self, path):
        self._path = path
        self._stored = None
        self._retries = Retries()

    def load(self):
        """What was stored last; None when nothing was, or nothing that can be read."""
        try:
            (self._stored,) = parse((files.read(self._path) or b"").decode())
        except ValueError:
            return None
        return self._stored

    def store_due(self, address):
        """True after a change until it is stored, at times; to be asked once a round."""
        if address is None or address == self._stored:
            self._retries.done()
            return False
        return self._retries.due()

    def store(self, address):
        """Durable when this returns."""
        self._retries.begin()
        files.replace(self._path, ("%s:%d" % address).encode())
        self._stored = address
        self._retries.done()
