"""Every setting of the badge in one table: the badge, the lint and the documentation read it.

What each is for stands with the host, which tells it to people: nabij/setting_words.py.
"""

from collections import namedtuple

# kind: int, bool, choice, table, addresses, networks, host, phone or name. lowest, highest: its
# range; a choice has what to choose from, words or numbers, in place of lowest. requirements: the
# ids that it is for.
Field = namedtuple("Field", ("name", "kind", "default", "lowest", "highest", "requirements"))
# parts: (field, times) to add up. lowest, highest: of the sum. what: what the sum is.
Rule = namedtuple("Rule", ("requirement", "profiles", "parts", "lowest", "highest", "what"))

FIELDS = (
    Field(
        "sos_gesture", "choice", "squeeze", ("squeeze", "hold", "double", "triple"), 0, "R13 R15"
    ),
    Field("sos_hold_ms", "int", 1500, 500, 2000, "R15"),
    Field("sos_debounce_ms", "int", 30, 5, 100, ""),
    Field("prealarm_ms", "int", 20000, 0, 45000, "R06"),
    Field("not_delivered_ms", "int", 30000, 5000, 30000, "R18"),
    Field("retry_first_ms", "int", 2000, 500, 60000, ""),
    Field("retry_max_ms", "int", 60000, 2000, 300000, ""),
    Field("keepalive_s", "int", 60, 10, 890, "R24"),
    Field("keepalive_most_s", "int", 300, 0, 890, "R07 R24"),
    Field("link_connect_timeout_ms", "int", 60000, 5000, 180000, ""),
    Field("more_addresses", "addresses", "", 0, 0, ""),
    Field("wlan_networks", "networks", "", 0, 0, ""),
    Field("wlan_beside_modem", "bool", False, 0, 1, ""),
    Field("time_host", "host", "pool.ntp.org", 0, 0, ""),
    Field("ble_after_s", "int", 0, 0, 600, ""),
    Field("relay_scan_s", "int", 0, 0, 600, ""),
    Field("tag_scan", "bool", False, 0, 1, ""),
    Field("tag_houses", "tags", "", 0, 0, ""),
    Field("sms_to", "phone", "", 0, 0, ""),
    Field("sms_after_s", "int", 0, 0, 600, ""),
    Field("sms_shift_test", "bool", False, 0, 1, ""),
    Field("sms_plain_to", "phone", "", 0, 0, "R19"),
    Field("sms_plain_name", "name", "", 0, 0, ""),
    Field("sms_plain_language", "choice", "en", ("en", "nl", "de"), 0, ""),
    Field("gnss", "bool", False, 0, 1, ""),
    Field("gnss_anyway_s", "int", 600, 0, 3600, ""),
    Field("locate_on_shift", "bool", False, 0, 1, ""),
    Field("locate_every_min", "int", 15, 5, 240, ""),
    Field("haptic_strength_percent", "int", 70, 40, 100, "R19"),
    Field("sound_percent", "int", 0, 0, 100, "R10 R12"),
    Field("light", "bool", False, 0, 1, ""),
    Field("link_lost_s", "int", 120, 10, 900, "R07 R10"),
    Field("link_remind_s", "int", 900, 60, 1800, "R10"),
    Field("check_in_min", "int", 0, 0, 480, "R04"),
    Field("check_in_grace_s", "int", 120, 30, 600, "R04 R06"),
    Field("check_in_jitter_s", "int", 60, 0, 600, ""),
    Field("quiet_from_min", "int", 0, 0, 1439, ""),
    Field("quiet_to_min", "int", 0, 0, 1439, ""),
    Field("utc_offset_min", "int", 60, -720, 840, ""),
    Field("amber_min", "int", 30, 5, 480, "R04"),
    Field("amber_warn_s", "int", 60, 30, 240, ""),
    Field("shift_min", "int", 840, 0, 1440, "R12"),
    Field("shift_test", "bool", True, 0, 1, "R11"),
    Field("shift_buttons", "bool", False, 0, 1, "R11"),
    Field("test_every_min", "int", 1440, 60, 1440, "R11"),
    Field("light_sleep", "bool", True, 0, 1, "R12"),
    Field("modem_sleep", "bool", True, 0, 1, "R12"),
    # Of the cycles of eDRX, cut off, those that end within the 45 s for which an order is tried.
    Field("edrx_s", "choice", 0, (0, 5, 10, 20, 40), 0, "R12"),
    Field("battery_hours", "int", 96, 4, 2000, "R12"),
    Field("imu_watermark_samples", "int", 26, 1, 128, ""),
    Field("impact_mg", "int", 1500, 1200, 4000, ""),
    Field("decide_ms", "int", 2500, 2000, 3000, "R03"),
    Field("confirm_ms", "int", 8000, 5000, 8000, "R03"),
    Field("fall_points", "int", 0, -1000, 1000, ""),
    Field("down_points", "int", 0, -1000, 1000, ""),
    Field("verifier", "table", "", 0, 0, ""),
    Field("fall_clear_mg", "int", 60, 0, 500, ""),
    Field("rest_alarm", "bool", True, 0, 1, "R01 R03"),
    Field("rest_mg", "int", 30, 20, 500, "R03"),
    Field("rest_hold_ms", "int", 60000, 10000, 600000, "R03"),
    Field("rest_upright_hold_ms", "int", 180000, 10000, 1800000, "R03"),
    Field("tilt_alarm", "bool", True, 0, 1, "R01 R03"),
    Field("tilt_deg", "int", 60, 30, 90, "R15"),
    Field("tilt_hold_ms", "int", 20000, 5000, 300000, "R03"),
    Field("rip_alarm", "bool", True, 0, 1, "R03"),
    Field("rip_hold_ms", "int", 1000, 0, 30000, "R03"),
    Field("flight_alarm", "bool", False, 0, 1, "R05"),
    Field("flight_mg", "int", 550, 300, 900, ""),
    Field("flight_hold_ms", "int", 6000, 3000, 10000, "R05"),
    Field("clear_hold_ms", "int", 4000, 2000, 15000, ""),
    Field("drive_kmh", "int", 25, 10, 100, ""),
    Field("suppress_max_ms", "int", 14400000, 600000, 43200000, ""),
    Field("motion_before_ms", "int", 15000, 0, 20000, ""),
    Field("motion_after_ms", "int", 10000, 0, 20000, ""),
    Field("motion_upload", "bool", False, 0, 1, ""),
)

# A profile is the defaults that it changes; those of the table are discreet.
PROFILES = {
    "discreet": {},
    "pna11": {
        "keepalive_most_s": 85,
        "haptic_strength_percent": 100,
        "sound_percent": 100,
        "light": True,
        "link_lost_s": 60,
        "link_remind_s": 300,
        "wlan_beside_modem": True,
        "check_in_grace_s": 45,
        "amber_min": 14,
        "shift_buttons": True,
        "rest_hold_ms": 40000,
        "rest_upright_hold_ms": 60000,
        "tilt_deg": 45,
        "tilt_hold_ms": 25000,
    },
}

# A sum that is wrong is blamed on its last field. R03 allows 90 s and R04 900 s, but the badge
# looks at whole seconds and lets a press end first: up to 6 s more, and 10 s for a deadline.
RULES = (
    Rule(
        "R01",
        ("pna11",),
        (("rest_alarm", 1), ("tilt_alarm", 1), ("rip_alarm", 1)),
        1,
        3,
        "alarms of rest, tilt and loss",
    ),
    Rule("R02", ("pna11",), (("sos_hold_ms", 1),), 0, 60000, "squeeze to alarm (ms)"),
    Rule(
        "R03", ("pna11",), (("decide_ms", 1), ("prealarm_ms", 1)), 0, 84000, "fall to alarm (ms)"
    ),
    Rule(
        "R03",
        ("pna11",),
        (("tilt_hold_ms", 1), ("prealarm_ms", 1)),
        0,
        84000,
        "tilt to alarm (ms)",
    ),
    Rule(
        "R03",
        ("pna11",),
        (("rest_hold_ms", 1), ("prealarm_ms", 1)),
        0,
        84000,
        "rest to alarm (ms)",
    ),
    Rule(
        "R03",
        ("pna11",),
        (("rest_upright_hold_ms", 1), ("prealarm_ms", 1)),
        0,
        84000,
        "rest while upright to alarm (ms)",
    ),
    Rule(
        "R03", ("pna11",), (("rip_hold_ms", 1), ("prealarm_ms", 1)), 0, 84000, "loss to alarm (ms)"
    ),
    Rule("R15", ("pna11",), (("tilt_deg", 1),), 30, 45, "tilt (deg)"),
    Rule("R06", ("pna11",), (("prealarm_ms", 1),), 1, 45000, "pre-alarm (ms)"),
    Rule(
        "R07",
        ("discreet", "pna11"),
        # The receiver's default of 15 min and its next look follow (docs/receiver.md).
        (("keepalive_s", 1500),),
        0,
        890000,
        "death to the loss of the connection (ms)",
    ),
    Rule(
        "R07",
        ("discreet", "pna11"),
        (("keepalive_most_s", 1500),),
        0,
        890000,
        "death to the loss of the connection (ms)",
    ),
    # R10 has no figure: that of a main path in R24.
    Rule(
        "R10", ("pna11",), (("keepalive_s", 1),), 0, 85, "time between checks of the network (s)"
    ),
    Rule(
        "R10",
        ("pna11",),
        (("keepalive_most_s", 1),),
        0,
        85,
        "time between checks of the network (s)",
    ),
    Rule(
        "R07",
        ("discreet", "pna11"),
        (("keepalive_most_s", 2), ("link_lost_s", 1)),
        0,
        1800,
        "lost link to what is felt of it (s)",
    ),
    Rule(
        "R07",
        ("discreet", "pna11"),
        (("keepalive_s", 2), ("link_lost_s", 1)),
        0,
        1800,
        "lost link to what is felt of it (s)",
    ),
    Rule("R10", ("pna11",), (("sound_percent", 1),), 20, 100, "loudness of a lost network (%)"),
    Rule("R12", ("pna11",), (("sound_percent", 1),), 20, 100, "loudness of an empty battery (%)"),
    Rule(
        "R04",
        ("pna11",),
        (("check_in_min", 60), ("check_in_grace_s", 1)),
        0,
        890,
        "check-in to alarm (s)",
    ),
    Rule("R04", ("pna11",), (("amber_min", 60),), 0, 890, "amber to alarm (s)"),
    # The watch sees whole seconds: the one in which running begins may not count, and the hold is
    # rounded up to the next; what that leaves of the other second is for FIFO and flash.
    Rule(
        "R05",
        ("discreet", "pna11"),
        (("flight_alarm", 2000), ("flight_hold_ms", 1)),
        0,
        10000,
        "running to alarm (ms)",
    ),
    Rule("R06", ("pna11",), (("check_in_grace_s", 1),), 1, 45, "time to answer a check-in (s)"),
    Rule("R11", ("pna11",), (("shift_test", 1),), 1, 1, "test at the start of a shift"),
    Rule(
        "R11", ("pna11",), (("shift_buttons", 1),), 1, 1, "buttons tried at the start of a shift"
    ),
    # Discreet activation: nothing that a bystander can see or hear.
    Rule("R19", ("discreet",), (("sound_percent", 1),), 0, 0, "loudness (%)"),
    Rule("R19", ("discreet",), (("light", 1),), 0, 0, "light"),
)

# (lower field, higher field): the first may not exceed the second, unless that is 0: off.
ORDERED = (
    ("rest_mg", "fall_clear_mg"),
    ("rest_hold_ms", "rest_upright_hold_ms"),
    ("sos_debounce_ms", "sos_hold_ms"),
    ("retry_first_ms", "retry_max_ms"),
    # So that what an idle modem is told too late is noticed no later than by its pings.
    ("edrx_s", "keepalive_s"),
)

# (setting, the profile in which it must be left empty, the id of that rule, why).
EMPTY = (
    (
        "sms_plain_to",
        "discreet",
        "R19",
        "words on somebody's phone can be read by who must not know of the alarm",
    ),
)
# (setting, which needs another that is not empty or 0).
NEEDS = (
    ("sms_after_s", "sms_to"),
    ("sms_plain_to", "sms_after_s"),
    ("sms_shift_test", "sms_after_s"),
    # A modem that does not sleep would hear late and save nothing.
    ("edrx_s", "modem_sleep"),
    ("edrx_s", "light_sleep"),
)
