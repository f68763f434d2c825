"""What the badge is made of, by name; each side of the assembly builds one of these records."""

from collections import namedtuple

# What every side is built on. chip: an Esp32s3. common: a Common. ports: the Ports. directory:
# where files are kept.
Base = namedtuple("Base", ("board", "chip", "directory", "common", "ports"))

# who: the Identity, or None, with which the badge is armed and cannot send. boot: its number.
# records: what the journal had at the start.
Alarms = namedtuple("Alarms", ("who", "boot", "records", "journal", "outbox", "keeper"))

# What watches the wearer's body; worn_file keeps whether there is one.
BodyParts = namedtuple(
    "BodyParts", ("ring", "man_down", "watch", "motion", "lanyard", "worn_file")
)

# The tasks that use BLE, each None where the settings do not ask for it.
OnAir = namedtuple("OnAir", ("nearby", "relay", "tags"))
# The bearer, the task that keeps the session over it, the OnAir, what tells of alarms by SMS, and
# what looks for satellites beside it; each of the last two may be None.
Radio = namedtuple("Radio", ("bearer", "link", "on_air", "sms", "gnss"))

# What the wearer asks and is asked; answers: the Protection.
Wearer = namedtuple("Wearer", ("answers", "shift", "timers"))

# All of it, for who looks at the whole badge. radio: None without an identity that works.
# feeling: the FeedbackTask. config_file: where the settings in force came from.
Parts = namedtuple(
    "Parts",
    (
        "base",
        "supervisor",
        "config_file",
        "feeling",
        "alarms",
        "power",
        "body",
        "chores",
        "radio",
        "wearer",
        "buttons",
        "updater",
        "restart",
    ),
)
