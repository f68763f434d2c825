"""Where the receiver is to be found: which address to call next, and when one is silent."""

from badge.core.portable import const

DEFAULT_PORT = const(8883)
MOST = const(4)
# A name of the DNS has at most 253 characters; the badge puts it between quotes for its modem.
_HOST_MOST = const(253)
_HOST_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
# Attempts whose time passes without a receipt before a session is given up.
_ATTEMPTS = const(3)
# The first time around no address may keep the badge from the next; then slow networks get theirs.
_FIRST_ROUND_MS = const(10_000)


def parse(text):
    """Return the (host, port) of each `host` or `host:port` in a text; ValueError says why not."""
    found = []
    for word in text.split():
        host, colon, port = word.partition(":")
        if not colon:
            port = str(DEFAULT_PORT)
        if not host or not _is_host(host):
            raise ValueError("%r is no address; write host or host:port." % word)
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("%r has no port of 1 to 65535; write host or host:port." % word)
        found.append((host, int(port)))
    if len(found) > MOST:
        raise ValueError("%d addresses are given; write at most %d." % (len(found), MOST))
    return found


def parse_host(text):
    """Nothing, or one name of a host; ValueError says why not."""
    labels = text.split(".") if text else ()
    if not _is_host(text) or not all(0 < len(label) < 64 for label in labels):
        raise ValueError("%r is no host; write its name or its numbers." % text)


def _is_host(text):
    return len(text) <= _HOST_MOST and all(char in _HOST_CHARS for char in text)


class Addresses:
    """The addresses in turn while they fail, and the good one for as long as it is.

    `given` is a list of (host, port), at least one; `first` the one that was good last, or None.
    """

    def __init__(self, given, first=None):
        self._given = given
        self._at = given.index(first) if first in given else 0
        self._tries = {}
        self._is_renewed = False
        # Nothing was sent that the receiver has yet to answer.
        self.is_answered = True

    def current(self):
        """The (host, port) to call."""
        return self._given[self._at]

    def rounds(self, failures):
        """How often all of them were called when the last `failures` calls failed."""
        return failures // len(self._given)

    def limit_ms(self, failures, most_ms, ways=1):
        """After how long to give up a call that follows `failures` failed ones.

        `ways`: by how many each may be called.
        """
        if len(self._given) * ways == 1:
            return most_ms
        return min(most_ms, _FIRST_ROUND_MS << min(self.rounds(failures) // ways, 8))

    def is_silent(self, key):
        """Ask before an alarm is sent: True when the time of enough tries of it has passed."""
        return self._tries.get(key, 0) >= _ATTEMPTS

    def tried(self, key, *, is_deaf):
        """An alarm is sent, and waits for its receipt.

        In a session that `is_deaf`, which may not listen, it counts only where there is another
        address: a new session at the same one would be no better.
        """
        if not is_deaf or len(self._given) > 1:
            self._tries[key] = self._tries.get(key, 0) + 1
        self.is_answered = False

    def answered(self):
        """The receiver has answered, or nothing waits for it any more."""
        self._tries.clear()
        self._is_renewed = False
        self.is_answered = True

    def failed(self, *, is_silent):
        """A call failed or a session ended: the next is due, after silence the same one first."""
        self._tries.clear()
        self._is_renewed = is_silent and not self._is_renewed
        if not self._is_renewed:
            self._at = (self._at + 1) % len(self._given)
