"""The badge's running log: one line an event on the console, the newest kept in memory."""


class EventLog:
    """Prints `# <ticks_ms> <what> key=value ...` and keeps the newest lines for a reader."""

    def __init__(self, now_ms, keep=64):
        self._now_ms = now_ms
        self._keep = keep
        self._lines = []

    def event(self, what, **fields):
        """Record one event; field order is sorted so that transcripts compare."""
        line = "# %d %s" % (self._now_ms(), what)
        for name in sorted(fields):
            line += " %s=%s" % (name, fields[name])
        if len(self._lines) >= self._keep:
            self._lines.pop(0)
        self._lines.append(line)
        print(line)

    def failure(self, what, error, **fields):
        """Record an error by its short code where it has one, else by its type and text."""
        fields["code"] = getattr(error, "code", type(error).__name__)
        fields["why"] = repr(str(error))
        self.event(what, **fields)

    def newest(self):
        """The kept lines, oldest first."""
        return list(self._lines)
