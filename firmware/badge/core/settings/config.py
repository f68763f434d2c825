"""The settings in force, and refusals that say what to do; fields.py has the table."""

from badge.core import addresses
from badge.core.detector import verifier
from badge.core.settings.fields import EMPTY, FIELDS, NEEDS, ORDERED, PROFILES, RULES


def _parse_networks(text):
    if text:
        # Half of it is of no use to a badge that has a modem.
        try:
            from badge.core import networks  # noqa: PLC0415
        except ImportError:
            raise ValueError("this board has no WLAN; leave wlan_networks empty.")
        networks.parse(text)


def _parse_phone(text):
    _of_phones(text, "parse_number")


def _parse_name(text):
    _of_phones(text, "parse_name")


def _of_phones(text, parse):
    if text:
        # Few badges have one.
        try:
            from badge.core import phones  # noqa: PLC0415
        except ImportError:
            raise ValueError("this board has no SMS; leave it empty.")
        getattr(phones, parse)(text)


def _parse_tags(text):
    if text:
        # Nor is this of any to a board without BLE.
        try:
            from badge.core.codec import tags  # noqa: PLC0415
        except ImportError:
            raise ValueError("this board has no BLE; leave tag_houses empty.")
        tags.parse_houses(text)


# What a text is to be, and what says that it is (ValueError, with the reason).
_TEXTS = {
    "table": ("base64 text", verifier.parse),
    "addresses": ("text, as host:port", addresses.parse),
    "host": ("the name of a host, or nothing", addresses.parse_host),
    "phone": ("a telephone number, as +31612345678, or nothing", _parse_phone),
    "name": ("a name, or nothing", _parse_name),
    "tags": ("text, hexadecimal words", _parse_tags),
    "networks": ("text, a line name=password for each network", _parse_networks),
}


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
            text = "A configuration is a table of settings; write {} for the defaults."
            given, faults = {}, [ConfigError("config.type", text)]
        else:
            known = ["profile"] + [field.name for field in FIELDS]
            faults = [_fault_of_name(name) for name in given if name not in known]
        profile = given.get("profile", config.profile)
        if isinstance(profile, str) and profile in PROFILES:
            config.profile = profile
        else:
            text = "profile is %r; write one of %s." % (profile, ", ".join(sorted(PROFILES)))
            faults.append(ConfigError("config.profile", text, "profile"))
        for field in FIELDS:
            default = PROFILES[config.profile].get(field.name, field.default)
            value = given.get(field.name, default)
            fault = _fault_of_value(field, value, default)
            if fault is not None:
                faults.append(fault)
            setattr(config, field.name, value if fault is None else default)
        faults.extend(_faults_between(config))
        faults.extend(_faults_of_profile(config))
        return config, faults

    def to_dict(self):
        """Return the profile and every setting by name."""
        settings = {field.name: getattr(self, field.name) for field in FIELDS}
        settings["profile"] = self.profile
        return settings


def defaults(profile="discreet"):
    """Return the default configuration of a profile."""
    return Config.from_dict({"profile": profile})


def _fault_of_name(name):
    return ConfigError(
        "config.unknown", "Setting %r is unknown; remove it or correct its name." % name, name
    )


def _fault_of_value(field, value, default):
    name, kind, requirements = field.name, field.kind, field.requirements
    if kind == "bool":
        if value is not True and value is not False:
            text = "%s is %r; write true or false." % (name, value)
            return ConfigError("config.type", text, name)
    elif kind in _TEXTS:
        return _fault_of_text(name, _TEXTS[kind], value)
    elif kind == "choice":
        # A bool is equal to a number that may be one of them.
        if type(value) is not type(default) or value not in field.lowest:
            text = "%s is %r; write one of %s." % (name, value, ", ".join(map(str, field.lowest)))
            return ConfigError("config.range", text, name, requirements)
    elif type(value) is not int:
        return ConfigError("config.type", "%s is %r; write a whole number." % (name, value), name)
    elif not field.lowest <= value <= field.highest:
        rule = " (%s)" % requirements if requirements else ""
        return ConfigError(
            "config.range",
            "%s is %d; choose from %d to %d%s, default %d."
            % (name, value, field.lowest, field.highest, rule, default),
            name,
            requirements,
        )
    return None


def _faults_between(config):
    """Of settings that are in their range, each, and contradict one another."""
    faults = []
    for lower, higher in ORDERED:
        low, high = getattr(config, lower), getattr(config, higher)
        if low > high > 0:
            text = "%s is %d but may not exceed %s (%d); lower the first or raise the second."
            faults.append(ConfigError("config.range", text % (lower, low, higher, high), lower))
    for name, needed in NEEDS:
        if getattr(config, name) and not getattr(config, needed):
            text = "%s is of no use without %s; set that too." % (name, needed)
            faults.append(ConfigError("config.rule", text, name))
    return faults


def _faults_of_profile(config):
    """Of what its profile wants empty, and of its rules."""
    profile, faults = config.profile, []
    for name, of, requirement, why in EMPTY:
        if of == profile and getattr(config, name):
            text = "%s: %s; leave %s empty in profile %s." % (requirement, why, name, of)
            faults.append(ConfigError("config.rule", text, name, requirement))
    for rule in RULES:
        total = sum(getattr(config, name) * times for name, times in rule.parts)
        if profile in rule.profiles and not rule.lowest <= total <= rule.highest:
            low = total < rule.lowest
            text = "%s: %s is %d, and %s %d in profile %s; %s %s." % (
                rule.requirement,
                rule.what,
                total,
                "at least" if low else "at most",
                rule.lowest if low else rule.highest,
                profile,
                "raise" if low else "lower",
                " or ".join(name for name, _ in rule.parts),
            )
            blamed = rule.parts[-1][0]
            faults.append(ConfigError("config.rule", text, blamed, rule.requirement))
    return faults


def _fault_of_text(name, text, value):
    what, parse = text
    if not isinstance(value, str):
        # It may be a secret that was written as something else.
        return ConfigError("config.type", "%s is no text; write %s." % (name, what), name)
    try:
        parse(value)
    except ValueError as error:
        sentence = str(error)
        return ConfigError(
            "config.range", sentence if name in sentence else name + ": " + sentence, name
        )
    return None
