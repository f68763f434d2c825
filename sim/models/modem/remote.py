"""A server inside the simulator: TLS with client certificates, MQTT and the receiver's part.

For fast mode, where a real server would live in another time. Its limits:

* It takes no time to think; any host name, port and telephone number reaches it.
* One client id a connection, no will, QoS 2 in poison only; its session lives until a clean one.
* The "database" is a dictionary, and all badges have one key.
* A deadline that passes is told to nobody.

What it observes of a frame:

* "incident": once for each key that is an alarm, by "deadline" when that has passed;
* "deadline", "withdrawn", "test", "technical": a key that is none;
* "update": a new rev; "duplicate": what it has; "hello"; "carried": by one badge for another;
  "motion_kept": the motion of an alarm is there, whole.
"""

import binascii

from badge.core.codec import cbor, veil, wire
from badge.core.codec.carried import TYPE_CARRIED
from sim.models.modem import carried_for
from sim.models.modem.entry import Entry
from sim.models.modem.mobile_network import OPENED, REFUSED, UNANSWERED, end_us, spans_us
from sim.models.modem.motion_shelf import MotionShelf
from sim.models.modem.server_connection import Connection, server_context
from sim.models.modem.session import Carrier, Session, Texter
from sim.options.option import filled
from sim.options.remote import OPTIONS

_UTC_S = 1_800_014_400
# What `poison` of the options does: the first byte of its PUBLISH, topic, payload.
_POISON = {
    "long": (0x32, "down", b"x" * 1100),
    "topic": (0x32, "+/down", b"x"),
    "qos2": (0x34, "down", b"x"),
    "rubbish": (0x32, "down", bytes(range(200))),
    "rude": (0x36, "down", b"x"),
}


class Remote:
    """What `servers` is to the modem: `connect` gives a result code and a connection."""

    def __init__(self, world, options):
        self._world = world
        options = filled(OPTIONS, options, "The modem's 'remote'")
        self._options = options
        self._context = server_context(options)
        self._hmac_key = binascii.unhexlify(options["hmac_key"])
        self._shelf = MotionShelf(self._hmac_key, options["motion"], self.observe)
        self._ignored = options["ignore_connects"]
        self._refusals = options["refuse_connects"]
        self._deaf_for = options["refuse_subscriptions"]
        self.is_mute = options["mute"]
        self._packets = 0
        self._sessions = {}
        # The last number of a status, of all badges together.
        self._number = 0
        self._said = 0
        self.entries = {}
        self._away_us = spans_us(options["away_ms"])
        self._connections = []
        for start_us, _end_us in self._away_us:
            world.at(start_us, self._goes_away)

    def connect(self, host, port, on_data):
        if self._ignored > 0:
            self._ignored -= 1
            return UNANSWERED, None
        if self._refusals > 0:
            self._refusals -= 1
            return REFUSED, None
        is_away = end_us(self._away_us, self._world.now_us) is not None
        if is_away and self._options["away_host"] in ("", host):
            return REFUSED, None
        connection = Connection(self, self._context, on_data)
        if self._away_us:
            self._connections = [one for one in self._connections if one[1].is_open()]
            self._connections.append((host, connection))
        return OPENED, connection

    def _goes_away(self):
        for host, connection in self._connections:
            if self._options["away_host"] in ("", host):
                connection.hang_up("away")

    def observe(self, what, **facts):
        """One observation of this server."""
        facts["remote"] = what
        self._world.observe(facts)

    def packet_allowed(self):
        """Counts an MQTT packet that arrived; False for the one to drop the connection at."""
        self._packets += 1
        return self._packets != self._options["drop_at_packet"]

    def may_subscribe(self):
        """Counts a subscription that is asked for; False for the first ones that it refuses."""
        self._deaf_for -= 1
        return self._deaf_for < 0

    def heard(self, session):
        """Any packet of a connected badge, a ping too: what keeps its connection open."""
        if session is not None and self._options["observe_frames"]:
            self.observe("heard")

    def session(self, client_id, clean):
        """(session, whether it was there already)"""
        present = client_id in self._sessions and not clean
        if not present:
            poison = _POISON.get(self._options["poison"])
            self._sessions[client_id] = Session(client_id, poison)
            # Once: a session that is opened clean has got rid of it.
            self._options["poison"] = "none"
        return self._sessions[client_id], present

    def take(self, topic, frame, session):
        """A message came, which the broker may bring once more."""
        self._take(topic, frame, session)
        if self._options["again_ms"]:
            again_us = int(self._options["again_ms"] * 1000)
            self._world.after(again_us, lambda: self._take(topic, frame, session))

    def _take(self, topic, frame, session):
        """The receiver's part: verify, keep once, answer with a receipt."""
        if topic.endswith("/motion"):
            self._shelf.take(frame, self._options["observe_frames"], session)
            return
        try:
            if wire.type_of(frame) == TYPE_CARRIED:
                who = carried_for.colleague(self, self._hmac_key, (topic, frame), session)
                session = self._sessions[who.client_id] = who
                topic, frame = who.opened()
        except wire.WireError as error:
            self.observe("refused", why=str(error))
            return
        alarm = self._decoded(frame)
        if alarm is not None and topic == "nabij/%s/up" % alarm.badge:
            self._judged(alarm, frame, session)
        elif alarm is not None:
            self.observe("refused", why="a frame of badge %s on %s" % (alarm.badge, topic))

    def carry(self, veiled, answer):
        """What a gateway fetched of a badge; `answer` is called with each status, veiled."""
        try:
            frame = veil.unveil(self._hmac_key, veil.FRAME, veiled)
        except wire.WireError as error:
            self.observe("refused", why=str(error))
        else:
            self._carried(frame, Carrier(self._world, self._hmac_key, answer))

    def text(self, frame, answer):
        """A frame that came by SMS; `answer` is called with each status of it."""
        self._carried(frame, Texter(answer))

    def _decoded(self, frame):
        try:
            return wire.decode_up(frame, lambda badge: self._hmac_key)
        except wire.WireError as error:
            self.observe("refused", why=str(error))

    def _carried(self, frame, session):
        alarm = self._decoded(frame)
        if alarm is not None:
            self._sessions[session.client_id] = session
            self._judged(alarm, frame, session)

    def _judged(self, alarm, frame, session):
        if isinstance(alarm, wire.Hello):
            self._greet(alarm, cbor.decode(cbor.decode(frame)[0]).get(wire.OUTAGE), session)
            return
        if self._options["observe_frames"]:
            self.observe("frame", hex=binascii.hexlify(frame).decode())
        key = (alarm.badge, alarm.boot, alarm.seq)
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry()
        what = entry.take(alarm)
        self._note(what, alarm, attempt=alarm.attempt, age_ms=alarm.age_ms)
        if what == "deadline":
            self._world.at(
                self._world.now_us + alarm.due_s * 1_000_000,
                lambda rev=entry.rev: self._deadline_passed(entry, alarm, rev),
            )
        self._answer(alarm, entry, session)

    def _greet(self, hello, outage, session):
        """Answer with how each alarm stands, as far as the badge was told of it before."""
        facts = {"badge": hello.badge, "count": hello.count, "open": len(hello.open)}
        facts["keepalive_s"] = hello.keepalive_s
        for name in ("position", "cell"):
            if getattr(hello, name) is not None:
                facts[name] = list(getattr(hello, name))
        if outage is not None:
            facts["outage"] = outage
        self.observe("hello", **facts)
        for one in hello.open:
            entry = self.entries.get((hello.badge, one.boot, one.seq))
            if entry is not None and entry.number and self._options["receipts"] != "none":
                self._say(hello.badge, one, entry, entry.state, session)

    def _deadline_passed(self, entry, alarm, rev):
        if entry.expires(rev):
            self._note("incident", alarm, by="deadline")

    def _note(self, what, alarm, **facts):
        for name in ("badge", "boot", "seq", "kind"):
            facts[name] = getattr(alarm, name)
        for name in ("flags", "due_s", "rev", "battery_percent", "reason"):
            if getattr(alarm, name):
                facts[name] = getattr(alarm, name)
        for name in ("watch_s", "position", "cell", "speed_cm_s"):
            value = getattr(alarm, name)
            if value is not None:
                facts[name] = list(value) if isinstance(value, tuple) else value
        self.observe(what, **facts)

    def _answer(self, alarm, entry, session):
        receipts = self._options["receipts"]
        if receipts == "none":
            return
        statuses = [(wire.STATUS_RECEIVED, delay_ms := self._options["receipt_delay_ms"])]
        if entry.is_incident and not entry.is_withdrawn:
            statuses += [(state, delay_ms + ms) for state, ms in self._options["then"]]
        rev = entry.rev
        for state, after_ms in statuses:
            self._world.at(
                self._world.now_us + int(after_ms * 1000),
                lambda state=state: self._move_on(alarm, entry, (rev, state), session),
            )

    def _move_on(self, alarm, entry, standing, session):
        rev, state = standing
        if entry.is_news(rev, state):
            self._number += 1
            entry.tell(rev, state, self._number)
        if not alarm.flags & (wire.FLAG_DURESS | wire.FLAG_FALSE_ALARM):
            # A change in where the badge is takes nothing back.
            state = max(state, entry.state)
        self._say(alarm.badge, alarm, entry, state, session)

    def _say(self, badge, key, entry, state, session):
        receipts = self._options["receipts"]
        # The client may have begun a clean session since its message.
        answered = self._sessions[session.client_id]
        topic = "nabij/%s/down" % badge
        utc_s = _UTC_S + self._world.now_us // 1_000_000
        hmac_key = b"not the key" if receipts == "wrong_hmac" else self._hmac_key
        whose = "somebody-else" if receipts == "other_badge" else badge
        rev, number = entry.told_rev or None, entry.number
        offset = self._options["offset_quarters"]
        frame = wire.encode_status(
            hmac_key,
            whose,
            key.boot,
            key.seq,
            state,
            utc_s,
            rev=rev,
            number=number,
            offset_quarters=offset,
            permit=self._options["permit"],
            way=answered.way,
        )
        self._said += 1
        late_ms = self._options["late_ms"] if self._said & 1 else 0
        if late_ms:
            self._world.after(int(late_ms * 1000), lambda: self._publish(answered, topic, frame))
        else:
            self._publish(answered, topic, frame)

    def _publish(self, session, topic, frame):
        by_link = session.way is None and session.connection is not None
        if by_link and self._options["observe_frames"]:
            self.observe("said")
        session.publish(topic, frame)
