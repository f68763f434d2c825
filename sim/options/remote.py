"""Options of the server inside the simulator (sim/models/modem/remote.py)."""

from sim.options.option import NEEDED, Option

RECEIPTS = ("yes", "none", "wrong_hmac", "other_badge")

MOTION = ("kept", "refused", "none")

POISON = ("none", "long", "topic", "qos2", "rubbish", "rude")

OPTIONS = (
    Option("ca", "text", NEEDED, "the authority of the badges, DER in base64"),
    Option("cert", "text", NEEDED, "its certificate, DER in base64"),
    Option("key", "text", NEEDED, "its private key, DER in base64"),
    Option("hmac_key", "hex", NEEDED, "the badge's key"),
    Option("receipts", RECEIPTS, "yes", "what its receipts are like"),
    Option("receipt_delay_ms", "ms", 0, "from a frame to its receipt"),
    Option("again_ms", "ms", 0, "each message comes once more so long after; 0: it does not"),
    Option("late_ms", "ms", 0, "by so much every second status comes later: out of order"),
    Option(
        "then",
        "after_ms",
        (),
        "statuses after the receipt of an alarm, not of a deadline, a withdrawal, a test or a "
        "technical message: [state, ms after it]",
    ),
    Option("motion", MOTION, "kept", "what becomes of the motion of alarms; none: it knows none"),
    Option("mute", "flag", False, "it takes connections and says nothing"),
    Option("offset_quarters", "quarters", None, "how far local time is ahead of UTC-12:00"),
    Option("permit", "count", 0, "1: its wearer lacks a permit, as the receiver tells it"),
    Option("ignore_connects", "count", 0, "the first so many connections are not answered"),
    Option("refuse_connects", "count", 0, "the first so many connections are refused"),
    Option("away_ms", "spans_ms", (), "spans in which it refuses connections and ends its own"),
    Option("away_host", "text", "", "only those that were dialled by this name; empty: all"),
    Option("refuse_subscriptions", "count", 0, "the first so many subscriptions are refused"),
    Option(
        "poison",
        POISON,
        "none",
        "a message that no badge can take, kept for its session until acknowledged: 1,100 bytes, "
        "a topic with a wildcard, QoS 2, 200 bytes of rubbish, or one that breaks MQTT",
    ),
    Option("drop_at_packet", "nth", None, "the MQTT packet that is the last of its connection"),
    Option(
        "observe_frames",
        "flag",
        False,
        "observes each frame in full, each packet (`heard`) and each status by the link (`said`), "
        "for a real receiver to be shown",
    ),
)
