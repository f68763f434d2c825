"""How long each of several bearers may be silent: one network says nothing of another."""

from badge.core.keep_alive import KeepAlive


class KeepAlives:
    """A KeepAlive for each bearer, made when that is first in use."""

    def __init__(self, start_s, most_s):
        self._start_s, self._most_s = start_s, most_s
        self._by_name = {}
        self._in_use = KeepAlive(start_s, most_s)

    def of(self, name):
        """That of the bearer with this name, which is in use from now on."""
        if name not in self._by_name:
            self._by_name[name] = KeepAlive(self._start_s, self._most_s)
        self._in_use = self._by_name[name]
        return self._in_use

    @property
    def now_s(self):
        """Of that which is in use."""
        return self._in_use.now_s
