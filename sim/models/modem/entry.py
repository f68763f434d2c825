"""What the receiver inside the simulator has of one alarm, and what its badge was told."""

from badge.core.alarm import kinds
from badge.core.codec import wire


class Entry:
    """What the receiver has of one key; `rev` is None as long as the badge sends none."""

    def __init__(self):
        self.rev = None
        # What its badge was last told: rev and state, under which number.
        self.told_rev = 0
        self.state = wire.STATUS_NONE
        self.number = 0
        self.is_known = False
        self.is_incident = False
        self.is_withdrawn = False

    def take(self, alarm):
        """Commit what is new in this frame; what to call it."""
        if self.is_known and (alarm.rev or 1) <= (self.rev or 1):
            return "duplicate"
        self.is_known = True
        self.rev = alarm.rev
        if self.is_incident:
            return "update"
        if alarm.flags & wire.FLAG_CANCELLED:
            self.is_withdrawn = True
            return "withdrawn"
        if alarm.due_s is not None:
            return "deadline"
        if alarm.flags & wire.FLAG_TEST:
            return "test"
        if kinds.of(alarm.kind).category == kinds.TECHNICAL:
            return "technical"
        self.is_incident = True
        return "incident"

    def expires(self, rev):
        """The deadline of this `rev` has passed; True when that makes an incident."""
        if self.rev != rev or self.is_incident:
            return False
        self.is_incident = True
        return True

    def is_news(self, rev, state):
        """Whether the badge was not told so much yet."""
        return (rev or 0, state) > (self.told_rev, self.state)

    def tell(self, rev, state, number):
        """The badge is told this, under a number that only rises."""
        self.told_rev, self.state, self.number = rev or 0, max(state, self.state), number
