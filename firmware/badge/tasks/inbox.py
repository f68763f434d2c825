"""What the receiver says, to whom it concerns."""

from time import ticks_ms

from badge.core.codec import wire


class Inbox:
    """Takes each message of a session; `news()` is called where it changes what is to be sent.

    `hearers` are the AlarmKeeper, the OrderDesk, a MotionUpload or None, a CarriedDesk or None.
    `answered()`: a status was authentic, so the receiver itself is at the far end.
    """

    def __init__(self, common, identity, hearers, answered, news):
        self._clock = common.clock
        self._log = common.log
        self._identity = identity
        self._keeper, self._orders, self._motion, self._carried = hearers
        self._answered = answered
        self._news = news
        # As the newest word of the receiver has it.
        self.lacks_permit = False
        self._permit_s = 0

    def session_is_new(self):
        """What it says now counts, wherever its clock was set to meanwhile."""
        self._permit_s = 0

    def take(self, topic, payload):
        """A message has come; what is none of ours is said and dropped."""
        kind = wire.type_of(payload)
        if kind == wire.TYPE_ORDER:
            self._orders.take(payload, self._news)
            return
        if kind == wire.TYPE_KEPT and self._motion is not None:
            self._motion.heard(payload)
            self._news()
            return
        if self._carried is not None and self._carried.takes(payload, kind):
            return
        try:
            status = wire.decode_status(payload, self._identity.hmac_key, self._identity.badge)
        except wire.WireError as error:
            self.refuse(error)
            return
        self._answered()
        self._keeper.on_status(status, ticks_ms())
        self._clock.offset_told(status.offset_quarters, status.utc_s)
        if status.utc_s >= self._permit_s:
            self._permit_s, self.lacks_permit = status.utc_s, bool(status.permit)
        self._news()

    def refuse(self, error):
        """Something came that cannot be read."""
        self._log.failure("link.refused", error)
