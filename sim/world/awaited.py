"""Verbs that wait for something to be observed: the modem fails as a handshake begins, say."""


class Awaited:
    """`do(verb, arguments)` does one; nothing is asked of the world while none waits."""

    def __init__(self, world, do):
        self._world = world
        self._do = do
        self._waiting = []

    def add(self, verb, arguments, timing):
        """Do the verb `later_ms` after the `nth_time` that `once` was observed."""
        self._waiting.append([timing.get("nth_time", 1), verb, arguments, timing])
        self._world.heard_by(self._hear)

    def _hear(self, facts):
        for one in list(self._waiting):
            timing = one[3]
            if not _has(facts, timing["once"]):
                continue
            one[0] -= 1
            if one[0]:
                continue
            self._waiting.remove(one)
            before_ms = timing.get("before_ms")
            if before_ms is None or self._world.now_us < before_ms * 1000:
                # Never here: whoever tells of it may be in the middle of something.
                self._world.after(int(timing.get("later_ms", 0) * 1000), self._doing(one))

    def _doing(self, one):
        _left, verb, arguments, _timing = one
        return lambda: self._do(verb, arguments)


def _has(facts, wanted):
    return all(name in facts and facts[name] == wanted[name] for name in wanted)
