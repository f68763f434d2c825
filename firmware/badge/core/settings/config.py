"""Every setting of the badge in one table: the badge, the lint and the documentation read it."""

from badge.core.detector import verifier

# (name, kind, default, lowest, highest, group, doc, requirement ids); a "choice" has the words to
# choose from in place of lowest.
FIELDS = (
    (
        "sos_gesture",
        "choice",
        "squeeze",
        ("squeeze", "hold", "double", "triple"),
        0,
        "sos",
        "What raises SOS beside a squeeze of both buttons, which always does.",
        "R13 R15",
    ),
    ("sos_hold_ms", "int", 1500, 500, 2000, "sos", "Squeeze held this long raises SOS.", "R15"),
    ("sos_debounce_ms", "int", 30, 5, 100, "sos", "Shorter contacts are bounce.", ""),
    ("prealarm_ms", "int", 20000, 0, 45000, "alarm", "Time to cancel an automatic alarm.", "R06"),
    (
        "not_delivered_ms",
        "int",
        30000,
        5000,
        30000,
        "alarm",
        "Tell the wearer: no receipt.",
        "R18",
    ),
    ("retry_first_ms", "int", 2000, 500, 60000, "link", "Wait before the second try.", ""),
    ("retry_max_ms", "int", 60000, 2000, 300000, "link", "Longest wait between tries.", ""),
    ("keepalive_s", "int", 60, 10, 890, "link", "MQTT keep-alive of the link.", "R24"),
    ("link_connect_timeout_ms", "int", 60000, 5000, 180000, "link", "Give up a connect.", ""),
    ("haptic_strength_percent", "int", 70, 40, 100, "feedback", "Strength of the motor.", "R19"),
    ("sound_percent", "int", 0, 0, 100, "feedback", "Loudness of the buzzer; 0: none.", "R10 R12"),
    ("light", "bool", False, 0, 1, "feedback", "Whether the status LED may light.", ""),
    ("link_lost_s", "int", 120, 10, 900, "link", "Lost link to what is felt of it.", "R07 R10"),
    ("link_remind_s", "int", 900, 60, 1800, "link", "Lost link: felt again after this.", "R10"),
    ("check_in_min", "int", 0, 0, 480, "timers", "Check in this often; 0: never asked.", "R04"),
    ("check_in_grace_s", "int", 120, 30, 600, "timers", "Time to answer a check-in.", "R04 R06"),
    ("check_in_jitter_s", "int", 60, 0, 600, "timers", "Ask up to this much earlier.", ""),
    (
        "quiet_from_min",
        "int",
        0,
        0,
        1439,
        "timers",
        "No check-in from this minute of the day.",
        "",
    ),
    ("quiet_to_min", "int", 0, 0, 1439, "timers", "Check-ins again from it; equal: no quiet.", ""),
    ("utc_offset_min", "int", 60, -720, 840, "timers", "Local time less UTC (quiet hours).", ""),
    ("amber_min", "int", 30, 5, 480, "timers", "Amber runs this long; extended by it.", "R04"),
    ("amber_warn_s", "int", 60, 30, 240, "timers", "Felt this long before amber ends.", ""),
    ("shift_min", "int", 840, 0, 1440, "timers", "A shift ends by itself; 0: never.", "R12"),
    ("shift_test", "bool", True, 0, 1, "timers", "Test to the receiver at its start.", "R11"),
    ("shift_buttons", "bool", False, 0, 1, "timers", "And have the buttons tried.", "R11"),
    ("test_every_min", "int", 1440, 60, 1440, "timers", "And again this often.", "R11"),
    ("light_sleep", "bool", True, 0, 1, "power", "Sleep between events.", "R12"),
    ("modem_sleep", "bool", True, 0, 1, "power", "While the badge sleeps, its modem does.", "R12"),
    (
        "battery_hours",
        "int",
        96,
        4,
        2000,
        "power",
        "A full battery lasts so long; for the forecast until it is measured.",
        "R12",
    ),
    ("imu_watermark_samples", "int", 26, 1, 128, "motion", "Samples in the FIFO per burst.", ""),
    ("impact_mg", "int", 1500, 1200, 4000, "detector", "An impact proposes a fall.", ""),
    ("decide_ms", "int", 2500, 2000, 3000, "detector", "Impact to the pre-alarm.", "R03"),
    ("confirm_ms", "int", 8000, 5000, 8000, "detector", "Impact to down or recovered.", "R03"),
    ("fall_points", "int", 0, -1000, 1000, "detector", "What an impact needs to be a fall.", ""),
    ("down_points", "int", 0, -1000, 1000, "detector", "What the rest needs to be down.", ""),
    ("verifier", "table", "", 0, 0, "detector", "Trees that give points; base64.", ""),
    ("fall_clear_mg", "int", 60, 0, 500, "mandown", "Up and moving so ends a fall; 0: no.", ""),
    (
        "rest_alarm",
        "bool",
        True,
        0,
        1,
        "mandown",
        "Alarm when the wearer does not move.",
        "R01 R03",
    ),
    ("rest_mg", "int", 30, 20, 500, "mandown", "Movement below this is rest.", "R03"),
    ("rest_hold_ms", "int", 60000, 10000, 600000, "mandown", "Rest to its pre-alarm.", "R03"),
    (
        "rest_upright_hold_ms",
        "int",
        180000,
        10000,
        1800000,
        "mandown",
        "The same while upright.",
        "R03",
    ),
    ("tilt_alarm", "bool", True, 0, 1, "mandown", "Alarm when the wearer lies.", "R01 R03"),
    ("tilt_deg", "int", 60, 30, 90, "mandown", "More than this from upright is lying.", "R15"),
    ("tilt_hold_ms", "int", 20000, 5000, 300000, "mandown", "Lying to its pre-alarm.", "R03"),
    ("rip_alarm", "bool", True, 0, 1, "mandown", "Alarm when the lanyard is torn off.", "R03"),
    ("rip_hold_ms", "int", 1000, 0, 30000, "mandown", "Torn off to its pre-alarm.", "R03"),
    ("flight_alarm", "bool", False, 0, 1, "mandown", "Alarm when the wearer runs on.", "R05"),
    ("flight_mg", "int", 550, 300, 900, "mandown", "Effort from here on is running.", ""),
    ("flight_hold_ms", "int", 6000, 3000, 10000, "mandown", "Running to its alarm.", "R05"),
    ("clear_hold_ms", "int", 4000, 2000, 15000, "mandown", "A cause is over after this.", ""),
    ("drive_kmh", "int", 25, 10, 100, "mandown", "From this speed on the wearer drives.", ""),
    (
        "suppress_max_ms",
        "int",
        14400000,
        600000,
        43200000,
        "mandown",
        "Charging, table, driving silence no longer.",
        "",
    ),
    ("motion_before_ms", "int", 15000, 0, 20000, "motion", "Motion kept before an event.", ""),
    ("motion_after_ms", "int", 10000, 0, 20000, "motion", "Motion kept after an event.", ""),
)

# A profile is the defaults that it changes; those of the table are discreet.
PROFILES = {
    "discreet": {},
    "pna11": {
        "haptic_strength_percent": 100,
        "sound_percent": 100,
        "light": True,
        "link_lost_s": 60,
        "link_remind_s": 300,
        "check_in_grace_s": 45,
        "amber_min": 14,
        "shift_buttons": True,
        "rest_hold_ms": 40000,
        "rest_upright_hold_ms": 60000,
        "tilt_deg": 45,
        "tilt_hold_ms": 25000,
    },
}

# (requirement id, profiles, (field, times) to add up, lowest, highest sum, what the sum is).
# A sum that is wrong is blamed on its last field. R03 allows 90 s and R04 900 s, but the badge
# looks at whole seconds and lets a press end first: up to 6 s more, and 10 s for a deadline.
RULES = (
    (
        "R01",
        ("pna11",),
        (("rest_alarm", 1), ("tilt_alarm", 1), ("rip_alarm", 1)),
        1,
        3,
        "alarms of rest, tilt and loss",
    ),
    ("R02", ("pna11",), (("sos_hold_ms", 1),), 0, 60000, "squeeze to alarm (ms)"),
    ("R03", ("pna11",), (("decide_ms", 1), ("prealarm_ms", 1)), 0, 84000, "fall to alarm (ms)"),
    ("R03", ("pna11",), (("tilt_hold_ms", 1), ("prealarm_ms", 1)), 0, 84000, "tilt to alarm (ms)"),
    ("R03", ("pna11",), (("rest_hold_ms", 1), ("prealarm_ms", 1)), 0, 84000, "rest to alarm (ms)"),
    (
        "R03",
        ("pna11",),
        (("rest_upright_hold_ms", 1), ("prealarm_ms", 1)),
        0,
        84000,
        "rest while upright to alarm (ms)",
    ),
    ("R03", ("pna11",), (("rip_hold_ms", 1), ("prealarm_ms", 1)), 0, 84000, "loss to alarm (ms)"),
    ("R15", ("pna11",), (("tilt_deg", 1),), 30, 45, "tilt (deg)"),
    ("R06", ("pna11",), (("prealarm_ms", 1),), 1, 45000, "pre-alarm (ms)"),
    (
        "R07",
        ("discreet", "pna11"),
        # The receiver's default of 15 min and its next look follow (docs/receiver.md).
        (("keepalive_s", 1500),),
        0,
        890000,
        "death to the loss of the connection (ms)",
    ),
    # R10 has no figure: that of a main path in R24.
    ("R10", ("pna11",), (("keepalive_s", 1),), 0, 85, "time between checks of the network (s)"),
    (
        "R07",
        ("discreet", "pna11"),
        (("keepalive_s", 2), ("link_lost_s", 1)),
        0,
        1800,
        "lost link to what is felt of it (s)",
    ),
    ("R10", ("pna11",), (("sound_percent", 1),), 20, 100, "loudness of a lost network (%)"),
    ("R12", ("pna11",), (("sound_percent", 1),), 20, 100, "loudness of an empty battery (%)"),
    (
        "R04",
        ("pna11",),
        (("check_in_min", 60), ("check_in_grace_s", 1)),
        0,
        890,
        "check-in to alarm (s)",
    ),
    ("R04", ("pna11",), (("amber_min", 60),), 0, 890, "amber to alarm (s)"),
    # The watch sees whole seconds: the one in which running begins may not count, and the hold is
    # rounded up to the next; what that leaves of the other second is for FIFO and flash.
    (
        "R05",
        ("discreet", "pna11"),
        (("flight_alarm", 2000), ("flight_hold_ms", 1)),
        0,
        10000,
        "running to alarm (ms)",
    ),
    ("R06", ("pna11",), (("check_in_grace_s", 1),), 1, 45, "time to answer a check-in (s)"),
    ("R11", ("pna11",), (("shift_test", 1),), 1, 1, "test at the start of a shift"),
    ("R11", ("pna11",), (("shift_buttons", 1),), 1, 1, "buttons tried at the start of a shift"),
    # Discreet activation: nothing that a bystander can see or hear.
    ("R19", ("discreet",), (("sound_percent", 1),), 0, 0, "loudness (%)"),
    ("R19", ("discreet",), (("light", 1),), 0, 0, "light"),
)

# (lower field, higher field): the first may not exceed the second.
ORDERED = (
    ("rest_hold_ms", "rest_upright_hold_ms"),
    ("sos_debounce_ms", "sos_hold_ms"),
    ("retry_first_ms", "retry_max_ms"),
)


class ConfigError(ValueError):
    """A setting that the badge refuses, and why."""

    def __init__(self, code, text, field=None, requirement=""):
        super().__init__(text)
        # config.unknown, config.type, config.range, config.profile or config.rule.
        self.code = code
        # The setting, or None.
        self.field = field
        # The id of the rule, or "".
        self.requirement = requirement


class Config:
    """The settings as attributes, each in its range. Make one with `defaults` or `from_dict`."""

    def __init__(self):
        self.profile = "discreet"

    @classmethod
    def from_dict(cls, given):
        """Return the profile's defaults overlaid with `given`; ConfigError for the first fault."""
        config, faults = cls.examine(given)
        if faults:
            raise faults[0]
        return config

    @classmethod
    def examine(cls, given):
        """Return (config, every ConfigError in `given`); what is at fault has its default."""
        config = cls()
        if not isinstance(given, dict):
            given, faults = {}, [_fault_of_shape()]
        else:
            faults = [_fault_of_name(name) for name in given if not _is_known(name)]
        profile = given.get("profile", config.profile)
        if isinstance(profile, str) and profile in PROFILES:
            config.profile = profile
        else:
            faults.append(_fault_of_profile(profile))
        for row in FIELDS:
            default = PROFILES[config.profile].get(row[0], row[2])
            value = given.get(row[0], default)
            fault = _fault_of_value(row, value, default)
            if fault is not None:
                faults.append(fault)
            setattr(config, row[0], value if fault is None else default)
        faults.extend(_faults_of_order(config))
        for rule, total in _broken_rules(config, config.profile):
            sentence = _sentence(rule, total, config.profile)
            faults.append(ConfigError("config.rule", sentence, rule[2][-1][0], rule[0]))
        return config, faults

    def to_dict(self):
        """Return the profile and every setting by name."""
        settings = {row[0]: getattr(self, row[0]) for row in FIELDS}
        settings["profile"] = self.profile
        return settings


def defaults(profile="discreet"):
    """Return the default configuration of a profile."""
    return Config.from_dict({"profile": profile})


def lint(config, profile):
    """Return (requirement id, sentence) for every rule of the profile that the config breaks."""
    return [
        (rule[0], _sentence(rule, total, profile))
        for rule, total in _broken_rules(config, profile)
    ]


def _broken_rules(config, profile):
    broken = []
    for rule in RULES:
        _, profiles, parts, lowest, highest, _ = rule
        total = sum(getattr(config, name) * times for name, times in parts)
        if profile in profiles and not lowest <= total <= highest:
            broken.append((rule, total))
    return broken


def _sentence(rule, total, profile):
    requirement, _, parts, lowest, highest, what = rule
    low = total < lowest
    return "%s: %s is %d, and %s %d in profile %s; %s %s." % (
        requirement,
        what,
        total,
        "at least" if low else "at most",
        lowest if low else highest,
        profile,
        "raise" if low else "lower",
        " or ".join(name for name, _ in parts),
    )


def _is_known(name):
    return name == "profile" or any(row[0] == name for row in FIELDS)


def _fault_of_shape():
    return ConfigError(
        "config.type", "A configuration is a table of settings; write {} for the defaults."
    )


def _fault_of_name(name):
    return ConfigError(
        "config.unknown", "Setting %r is unknown; remove it or correct its name." % name, name
    )


def _fault_of_profile(profile):
    return ConfigError(
        "config.profile",
        "profile is %r; write one of %s." % (profile, ", ".join(sorted(PROFILES))),
        "profile",
    )


def _fault_of_value(row, value, default):
    name, kind, _, lowest, highest, _, _, requirements = row
    if kind == "bool":
        if value is not True and value is not False:
            text = "%s is %r; write true or false." % (name, value)
            return ConfigError("config.type", text, name)
    elif kind == "table":
        return _fault_of_table(name, value)
    elif kind == "choice":
        if value not in lowest:
            text = "%s is %r; write one of %s." % (name, value, ", ".join(lowest))
            return ConfigError("config.range", text, name, requirements)
    elif type(value) is not int:
        return ConfigError("config.type", "%s is %r; write a whole number." % (name, value), name)
    elif not lowest <= value <= highest:
        rule = " (%s)" % requirements if requirements else ""
        return ConfigError(
            "config.range",
            "%s is %d; choose from %d to %d%s, default %d."
            % (name, value, lowest, highest, rule, default),
            name,
            requirements,
        )
    return None


def _faults_of_order(config):
    return [
        ConfigError(
            "config.range",
            "%s is %d but may not exceed %s (%d); lower the first or raise the second."
            % (lower, getattr(config, lower), higher, getattr(config, higher)),
            lower,
        )
        for lower, higher in ORDERED
        if getattr(config, lower) > getattr(config, higher)
    ]


def _fault_of_table(name, value):
    if not isinstance(value, str):
        return ConfigError("config.type", "%s is %r; write base64 text." % (name, value), name)
    try:
        verifier.parse(value)
    except verifier.TableError as error:
        return ConfigError("config.range", str(error), name)
    return None
