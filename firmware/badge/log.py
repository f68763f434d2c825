"""The badge's running log: one line an event on the console, the newest kept in memory."""


class EventLog:
    """Writes `# <ticks_ms> <what> key=value ...` and keeps the newest lines for a reader.

    `out(line)` writes a line and must not block; `hear(line)` and `sink(line)` are told each one
    as well, and `make_durable()` has what was heard on flash when it returns.
    """

    def __init__(self, now_ms, out=print, hear=None, make_durable=None, sink=None, keep=64):
        self._now_ms = now_ms
        self._keep = keep
        self._out = out
        self._lines = []
        self._hear = hear
        self._sink = sink
        self._make_durable = make_durable
        self._lost = 0
        self.last_failure = None
        # When each kind of failure was logged last.
        self.failed_ms = {}

    def event(self, what, **fields):
        """Record one event; field order is sorted so that transcripts compare.

        One for which there is no memory is left out, and counted by the next (`lost`): a line is
        worth less than what goes on without it.
        """
        if self._lost:
            fields["lost"] = self._lost
        try:
            self._record(what, fields)
        except MemoryError:
            self._lost += 1
        else:
            self._lost = 0

    def _record(self, what, fields):
        line = "# %d %s" % (self._now_ms(), what)
        for name in sorted(fields):
            line += " %s=%s" % (name, fields[name])
        if len(self._lines) >= self._keep:
            self._lines.pop(0)
        self._lines.append(line)
        if self._sink is not None:
            self._sink(line)
        self._out(line)
        if self._hear is not None:
            self._hear(line)

    def failure(self, what, error, **fields):
        """Record an error by its short code where it has one, else by its type and text."""
        fields["code"] = getattr(error, "code", type(error).__name__)
        fields["why"] = repr(str(error))
        now_ms = self._now_ms()
        self.last_failure = (now_ms, what, fields["code"])
        self.failed_ms[what] = now_ms
        self.event(what, **fields)

    def newest(self):
        """The kept lines, oldest first."""
        return list(self._lines)

    def flush(self):
        """Have all lines durable, for as long as it takes, where there is a journal."""
        if self._make_durable is not None:
            self._make_durable()
