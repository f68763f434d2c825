"""How long the link may be silent: learned from pings that were answered after a silence."""

from badge.core.portable import const

# Silences of one length that were answered before a longer one is tried.
_ANSWERED = const(2)
# What is too long here may do elsewhere: after so long it is tried again.
_FORGET_S = const(86_400)


class KeepAlive:
    """The present silence before a ping, `now_s`: from `start_s` up to `most_s`.

    A network keeps the translation of an idle connection for minutes that it tells nobody. Which
    silence is too long is taken for known when it ended the link twice: once, it may have been
    the network that was gone.
    """

    def __init__(self, start_s, most_s):
        self.most_s = max(start_s, most_s)
        self.now_s = self._good_s = start_s
        self._start_s = start_s
        self._answered = 0
        # The length that ended the link last; from where on it is too long, 0: not known; and
        # how long that has been so.
        self._doubtful_s = self._too_long_s = self._known_s = 0

    def of(self, _name):
        """Itself, where there is one bearer; of several see core/keep_alives.py."""
        return self

    def answered(self):
        """A ping after a silence of now_s was answered."""
        self._good_s = self.now_s
        if self.now_s >= self._doubtful_s:
            self._doubtful_s = 0
        self._known_s += self.now_s
        if self.now_s >= self._too_long_s or self._known_s >= _FORGET_S:
            self._too_long_s = 0
        self._answered += 1
        if self._answered >= _ANSWERED:
            self._answered = 0
            self.now_s = self._longer_s()

    def unanswered(self):
        """The link was found dead after a silence of now_s."""
        self._answered = 0
        if self.now_s == self._doubtful_s:
            self._too_long_s, self._known_s = self.now_s, 0
        self._doubtful_s = self.now_s
        # What held before may not hold here: the next time it goes down to the start.
        good_s, self._good_s = self._good_s, self._start_s
        self.now_s = min(good_s, self.now_s)

    def _longer_s(self):
        longer_s = min(self.now_s * 3 // 2, self.most_s)
        if self._too_long_s:
            # Halfway, until a try is not worth what a link that is found dead costs.
            left_s = self._too_long_s - self.now_s
            if left_s <= self.now_s // 4:
                return self.now_s
            longer_s = min(longer_s, self.now_s + left_s // 2)
        return longer_s
