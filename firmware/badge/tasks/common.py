"""What most tasks are given, as one record."""

from collections import namedtuple

# config: the settings in force. clock: a UtcClock. gate: the StallGate. feel(signal): has the
# wearer feel it. log: the EventLog.
Common = namedtuple("Common", ("config", "clock", "gate", "feel", "log"))
