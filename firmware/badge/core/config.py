"""Every setting of the badge in one table: the badge, the lint and the documentation read it."""

from badge.core import verifier

# (name, kind, default, lowest, highest, group, doc, requirement ids)
FIELDS = (
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
    ("haptic_strength_percent", "int", 100, 20, 100, "haptics", "Strength of the motor.", ""),
    ("imu_watermark_samples", "int", 26, 1, 128, "motion", "Samples in the FIFO per burst.", ""),
    ("impact_mg", "int", 1500, 1200, 4000, "detector", "An impact proposes a fall.", ""),
    ("decide_ms", "int", 2500, 2000, 3000, "detector", "Impact to the pre-alarm.", "R03"),
    ("confirm_ms", "int", 8000, 5000, 45000, "detector", "Impact to down or recovered.", "R03"),
    ("fall_points", "int", 0, -1000, 1000, "detector", "What an impact needs to be a fall.", ""),
    ("down_points", "int", 0, -1000, 1000, "detector", "What the rest needs to be down.", ""),
    ("verifier", "table", "", 0, 0, "detector", "Trees that give points; base64.", ""),
    ("motion_before_ms", "int", 15000, 0, 20000, "motion", "Motion kept before an event.", ""),
    ("motion_after_ms", "int", 10000, 0, 20000, "motion", "Motion kept after an event.", ""),
)

# A profile is the defaults that it changes: of the settings there are, so far none has to differ.
PROFILES = {
    "discreet": {},
    "pna11": {},
}

# (requirement id, profiles, (field, times) to add up, lowest, highest sum, what the sum is).
# A sum that is wrong is blamed on its last field.
RULES = (
    ("R02", ("pna11",), (("sos_hold_ms", 1),), 0, 60000, "squeeze to alarm (ms)"),
    ("R03", ("pna11",), (("decide_ms", 1), ("prealarm_ms", 1)), 0, 90000, "fall to alarm (ms)"),
    ("R06", ("pna11",), (("prealarm_ms", 1),), 1, 45000, "pre-alarm (ms)"),
    (
        "R07",
        ("discreet", "pna11"),
        (("retry_max_ms", 1), ("keepalive_s", 2000)),
        0,
        1800000,
        "a retry and two keep-alives (ms)",
    ),
    # R10 has no figure: that of a main path in R24.
    ("R10", ("pna11",), (("keepalive_s", 1),), 0, 85, "time between checks of the network (s)"),
)

# (lower field, higher field): the first may not exceed the second.
ORDERED = (
    ("sos_debounce_ms", "sos_hold_ms"),
    ("retry_first_ms", "retry_max_ms"),
)


class ConfigError(ValueError):
    """A setting that the badge refuses, and why.

    `code` is config.unknown, config.type, config.range, config.profile or config.rule; `field` is
    the setting or None, `requirement` the id of the rule or "".
    """

    def __init__(self, code, text, field=None, requirement=""):
        super().__init__(text)
        self.code = code
        self.field = field
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
