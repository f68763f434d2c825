"""Whether it was worn on shift when power went: a blow can break the contact of a battery."""

from badge.core.retries import Retries
from badge.storage import files


class WornFile:
    """An empty file that is there while the badge is worn; OSError when flash fails."""

    def __init__(self, path):
        self._path = path
        self._stored = False
        self._retries = Retries()

    def load(self):
        """What was stored last; False for a new badge."""
        self._stored = files.read(self._path) is not None
        return self._stored

    def store_due(self, is_worn):
        """True after a change until it is stored, at times; to be asked once a round."""
        if is_worn == self._stored:
            self._retries.done()
            return False
        return self._retries.due()

    def store(self, is_worn):
        """Durable when this returns."""
        self._retries.begin()
        if is_worn:
            files.replace(self._path, b"")
        else:
            files.remove(self._path)
        self._stored = is_worn
        self._retries.done()
