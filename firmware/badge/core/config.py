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

# (lower field, higher field): the first may not exceed the second.
_ORDERED = (
    ("sos_debounce_ms", "sos_hold_ms"),
    ("retry_first_ms", "retry_max_ms"),
)


class ConfigError(ValueError):
    """A setting that the badge refuses; `code` is config.unknown, config.type or config.range."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Config:
    """The settings as attributes, each in its range. Make one with `defaults` or `from_dict`."""

    @classmethod
    def from_dict(cls, given):
        """Return the defaults overlaid with `given`; ConfigError on anything the table forbids."""
        if not isinstance(given, dict):
            raise ConfigError(
                "config.type", "A configuration is a table of settings; write {} for the defaults."
            )
        config = cls()
        known = set()
        for row in FIELDS:
            name = row[0]
            known.add(name)
            setattr(config, name, _checked(row, given[name]) if name in given else row[2])
        for name in given:
            if name not in known:
                raise ConfigError(
                    "config.unknown",
                    "Setting %r is unknown; remove it or correct its name." % name,
                )
        for lower, higher in _ORDERED:
            if getattr(config, lower) > getattr(config, higher):
                raise ConfigError(
                    "config.range",
                    "%s is %d but may not exceed %s (%d); lower the first or raise the second."
                    % (lower, getattr(config, lower), higher, getattr(config, higher)),
                )
        return config

    def to_dict(self):
        """Return every setting by name."""
        return {row[0]: getattr(self, row[0]) for row in FIELDS}


def defaults():
    """Return the default configuration."""
    return Config.from_dict({})


def _checked(row, value):
    name, kind, default, lowest, highest, _, _, requirements = row
    if kind == "bool":
        if value is not True and value is not False:
            raise ConfigError("config.type", "%s is %r; write true or false." % (name, value))
    elif kind == "table":
        if not isinstance(value, str):
            raise ConfigError("config.type", "%s is %r; write base64 text." % (name, value))
        try:
            verifier.parse(value)
        except verifier.TableError as error:
            raise ConfigError("config.range", str(error))
    elif type(value) is not int:
        raise ConfigError("config.type", "%s is %r; write a whole number." % (name, value))
    elif not lowest <= value <= highest:
        rule = " (%s)" % requirements if requirements else ""
        raise ConfigError(
            "config.range",
            "%s is %d; choose from %d to %d%s, default %d."
            % (name, value, lowest, highest, rule, default),
        )
    return value
