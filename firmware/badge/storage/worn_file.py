"""Whether it was worn on shift when power went: a blow can break the contact of a battery."""

from badge.storage import files


class WornFile:
    """An empty file that is there while the badge is worn; OSError when flash fails."""

    def __init__(self, path):
        self._path = path
        self._stored = False

    def load(self):
        """What was stored last; False for a new badge."""
        self._stored = files.read(self._path) is not None
        return self._stored

    def store_due(self, is_worn):
        """True once after each change; a write that failed waits for the next."""
        return is_worn != self._stored

    def store(self, is_worn):
        """Durable when this returns."""
        self._stored = is_worn
        if is_worn:
            files.replace(self._path, b"")
        else:
            files.remove(self._path)
