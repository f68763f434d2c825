"""Settings as TOML on the host, judged by the badge's own table (badge.core.settings.config)."""

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit

from badge.core import addresses, networks, phones
from badge.core.codec import tags
from badge.core.settings.config import Config, ConfigError
from badge.core.settings.fields import FIELDS, PROFILES, Field
from nabij.errors import EXIT_USAGE, NabijError, UsageError
from nabij.paths import read_file, write_output
from nabij.setting_words import GROUPS, WORDS
from nabij.settings import config_tables

Settings = dict[str, Any]

# What a value may be, by the kind of the setting.
_ALLOWED: Final = {
    "table": "From `nabij tune`; empty is that of a badge at the neck",
    "addresses": f"At most {addresses.MOST}, tried in turn after that of its provisioning",
    "networks": f"At most {networks.MOST}; of a name or a password %3D is =, %0A a new line, "
    "%25 %",
    "host": "A name or an address",
    "tags": f"At most {tags.MOST_HOUSES}, 32 or 20 hexadecimal digits each, spaces between",
    "phone": "A number with its country, as +31612345678, or nothing",
    "name": f"At most {phones.NAME_MAX} letters, digits, spaces, - . , '",
    "bool": "true or false",
}

NAMES: Final = ("profile", *(field.name for field in FIELDS))

_HEAD: Final = """\
# Settings of a Nabij badge. Check them with `nabij config check FILE`, send them with
# `nabij config set FILE`. What is commented out has the default of the profile.
"""


@dataclass(frozen=True)
class Fault:
    """A setting that a badge would refuse: where it stands, its value, what is allowed, the rule.

    `field` is None for a fault of the whole, `requirement` "" where no requirement is behind it.
    """

    file: str
    field: str | None
    value: Any
    allowed: str
    requirement: str
    code: str
    sentence: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def load(file: Path) -> Settings:
    """The settings in a TOML file, or of a shipped detector such as neck, belt or belt:4.

    UsageError when it cannot be read or is no TOML.
    """
    given, preset = read(str(file))
    return flat(given, preset, str(file))


def read(name: str) -> tuple[Any, str | None]:
    """What a file (TOML, or JSON by its name) or a shipped detector holds, and the preset asked.

    UsageError when it cannot be read.
    """
    plain, preset = config_tables.split(name)
    shipped = config_tables.shipped()
    if plain in shipped and not Path(name).is_file():
        return tomllib.loads(shipped[plain]), preset
    file = Path(plain)
    if not file.exists():
        known = ", ".join([*sorted(shipped), "defaults"])
        raise UsageError(
            f"There is no readable configuration {plain}: give a file, or one of {known}."
        )
    data = read_file(file, "the configuration", "check the name of the file", EXIT_USAGE)
    is_json = file.suffix == ".json"
    try:
        text = data.decode("utf-8-sig")
        return (json.loads(text) if is_json else tomllib.loads(text)), preset
    except UnicodeDecodeError as error:
        raise UsageError(f"{plain} is not text in UTF-8: save it as that.") from error
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError(
            f"{plain} is not a readable {'JSON' if is_json else 'TOML'} file ({why}): correct it."
        ) from error


def flat(given: Any, preset: str | None, name: str) -> Settings:
    """What was read as settings of a badge; UsageError that names the file of what is none."""
    if not isinstance(given, dict):
        raise UsageError(f"{name}: settings are a table of names and values.")
    try:
        return config_tables.flat(given, preset)
    except NabijError as error:
        raise UsageError(f"{name}: {error.sentence}") from error


def save(file: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings, each with its meaning and range, in place of what the file had."""
    write_output(file, dumps(settings).encode())


def dumps(settings: Mapping[str, Any]) -> str:
    """The settings as TOML; the defaults of the profile stand beside them, commented out."""
    profile = str(settings.get("profile", "discreet"))
    parts = [_HEAD, f'\nprofile = "{profile}"  # {" or ".join(PROFILES)}\n']
    for group in GROUPS:
        parts.append(f"\n# -- {group} --\n")
        fields = [field for field in FIELDS if WORDS[field.name].group == group]
        parts += [_entry(field, settings, profile) for field in fields]
    return "".join(parts)


def default_of(name: str, profile: str) -> Any:
    """What a setting is when a file says nothing about it."""
    field = next(field for field in FIELDS if field.name == name)
    return PROFILES[profile].get(name, field.default)


def examine(given: Any, file: str = "the settings") -> tuple[Config, list[Fault]]:
    """The configuration that `given` makes, and everything that a badge would refuse in it."""
    config, errors = Config.examine(given)
    return config, [_fault(error, given, file) for error in errors]


def check(file: Path, profile: str | None = None) -> list[Fault]:
    """What a badge would refuse in a file, as that profile or as the one that it names."""
    given, preset = read(str(file))
    changes = {} if profile is None else {"profile": profile}
    return [
        fault
        for one, where in _chosen(given, preset, str(file))
        for fault in examine({**one, **changes}, where)[1]
    ]


def require_file(name: str) -> Config:
    """The configuration that a file makes; UsageError for what a badge would refuse in it.

    Its other presets count: one that nobody chose yet must not wait with its fault until then.
    """
    given, preset = read(name)
    configs = [require(one, where) for one, where in _chosen(given, preset, name)]
    return configs[0]


def _chosen(given: Any, preset: str | None, name: str) -> list[tuple[Settings, str]]:
    """The settings that were asked for, and those of each preset; and what to call each."""
    found = [(flat(given, preset, name), name)]
    try:
        others = config_tables.presets(given)
    except NabijError as error:
        raise UsageError(f"{name}: {error.sentence}") from error
    # Those of a preset are the file's but for what it changes: only that is its own fault.
    plain = flat(given, None, name)
    if not examine(plain, name)[1]:
        found += [({**plain, **one}, f"{name}, preset {other}") for other, one in others.items()]
    return found


def require(given: Any, file: str) -> Config:
    """The configuration that `given` makes; UsageError naming the first fault and how many."""
    config, faults = examine(given, file)
    if faults:
        more = f" ({len(faults) - 1} more: `nabij config check`.)" if len(faults) > 1 else ""
        raise UsageError(faults[0].sentence + more)
    return config


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(name, old value, new value) of every setting that differs once defaults are filled in."""
    before, after = (require(given, "the settings").to_dict() for given in (old, new))
    return [
        (name, before[name], after[name])
        for name in ("profile", *(field.name for field in FIELDS))
        if before[name] != after[name]
    ]


def parse_assignment(text: str) -> tuple[str, Any]:
    """`name=value` as typed; the value is read as TOML, so 60 is a number."""
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not name or not value:
        if text.strip() in NAMES:
            raise UsageError(f"'{text}' has no value: write {text}=VALUE or {text}=default.")
        raise UsageError(f"'{text}' is no setting: write name=value, such as keepalive_s=60.")
    if name not in NAMES:
        raise UsageError(f"There is no setting '{name}'{_meant(name)}")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def _meant(name: str) -> str:
    """The end of a sentence about a name that there is not: which may have been meant."""
    near = difflib.get_close_matches(name, NAMES, n=1)
    return f": did you mean '{near[0]}'?" if near else "; `nabij config profile discreet` has all."


def _entry(field: Field, settings: Mapping[str, Any], profile: str) -> str:
    name, requirements = field.name, field.requirements
    default = default_of(name, profile)
    rule = f" ({requirements})" if requirements else ""
    value = settings.get(name, default)
    mark = "" if name in settings else "# "
    explanation = f"# {WORDS[name].meaning} {_allowed(field)}, default {toml_of(default)}{rule}"
    return f"{explanation}\n{mark}{name} = {toml_of(value)}\n"


def _allowed(field: Field) -> str:
    if field.kind == "choice":
        return ", ".join(map(str, field.lowest))
    return _ALLOWED.get(field.kind, f"{field.lowest} to {field.highest}")


def toml_of(value: Any) -> str:
    """The value as it stands behind the = of a TOML file."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


def _fault(error: ConfigError, given: Any, file: str) -> Fault:
    value = given.get(error.field) if isinstance(given, dict) and error.field else None
    field = next((field for field in FIELDS if field.name == error.field), None)
    allowed = _allowed(field) if field is not None else ""
    is_secret = field is not None and field.kind == "networks"
    if error.code == "config.profile":
        allowed = " or ".join(PROFILES)
    sentence = f"{file}: {error}"
    if error.code == "config.unknown":
        sentence = f"{file}: setting '{error.field}' is unknown{_meant(str(error.field))}"
    if isinstance(value, dict):
        sentence = f"{file}: '{error.field}' is a table; settings stand at the top of the file."
    return Fault(
        file=file,
        field=error.field,
        # A file of faults is passed on more lightly than one of settings.
        value=value if isinstance(value, str | int | float | bool) and not is_secret else None,
        allowed=allowed,
        requirement=error.requirement,
        code=error.code,
        sentence=sentence,
    )
