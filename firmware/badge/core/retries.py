"""When to try flash again that refused: each try costs a stall and wear."""

from badge.core.portable import const

_ROUNDS_MAX = const(64)


class Retries:
    """A pause of 1, 2, 4 and so on up to 64 rounds between tries that fail."""

    def __init__(self):
        self._rest = 0
        self._rounds = 0

    def due(self):
        """Whether to try in this round; to be asked once a round while something is to be done."""
        if self._rest:
            self._rest -= 1
            return False
        return True

    def begin(self):
        """A try begins; one after which `done` is not called has failed."""
        self._rounds = min(2 * self._rounds, _ROUNDS_MAX) or 1
        self._rest = self._rounds

    def done(self):
        """It worked, or there is nothing to be done any more."""
        self._rest = self._rounds = 0
