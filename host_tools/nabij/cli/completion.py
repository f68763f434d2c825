"""What a shell proposes for a value, when a person presses Tab behind `nabij`.

Each list comes from the table that the verb checks against, imported when Tab is pressed. Where
nothing fits the shell proposes files.
"""

from collections.abc import Callable, Iterable
from typing import Final

import typer

Proposes = Callable[[str], list[str]]

_WORDS_OF_FLAGS: Final = ("true", "false")


def one_of(names: Callable[[], Iterable[str]]) -> Proposes:
    """A proposal of those of the names that begin as was typed; none of what is not installed."""

    def propose(incomplete: str) -> list[str]:
        try:
            return [name for name in names() if name.startswith(incomplete)]
        except ModuleNotFoundError:
            return []

    return propose


def sets() -> Iterable[str]:
    """The data sets that can be imported."""
    from nabij.data.importing import IMPORTERS

    return IMPORTERS


def engines() -> Iterable[str]:
    """The engines of a replay."""
    from nabij.replay.run import ENGINES

    return ENGINES


def then() -> Iterable[str]:
    """What a wearer does after a recording."""
    from nabij.replay.worn import THEN

    return THEN


def boards() -> Iterable[str]:
    """The boards that are defined."""
    from nabij.hardware.boards import all_ids

    return all_ids()


def profiles() -> Iterable[str]:
    """The profiles of settings."""
    from badge.core.settings.fields import PROFILES

    return PROFILES


def positions() -> Iterable[str]:
    """Where a badge is worn: of each there is a shipped configuration."""
    from nabij.settings.config_tables import shipped

    return sorted(shipped())


def configs() -> Iterable[str]:
    """The shipped configurations, and the presets of each."""
    import tomllib

    from nabij.settings.config_tables import presets, shipped

    found = ["defaults"]
    for name, text in sorted(shipped().items()):
        found += [name, *(f"{name}:{preset}" for preset in sorted(presets(tomllib.loads(text))))]
    return found


def settings() -> Iterable[str]:
    """Profiles and shipped configurations."""
    return [*profiles(), *positions()]


def units() -> Iterable[str]:
    """The units of an acceleration."""
    from nabij.data.common import MG_A_STATED_UNIT

    return MG_A_STATED_UNIT


def time_units() -> Iterable[str]:
    """The units of a time."""
    from nabij.data.own.time_numbers import SECONDS_A_TICK

    return SECONDS_A_TICK


def placements() -> Iterable[str]:
    """The places of the body that published sets were recorded at."""
    from nabij.data.importing import IMPORTERS

    places = {place for one in IMPORTERS.values() for place in one.SOURCE.placements}
    return [*sorted(places), "all"]


def badges() -> Iterable[str]:
    """The ports of badges that are plugged in."""
    from nabij.usb.ports import list_badge_ports

    return [one.port for one in list_badge_ports()]


def changes(ctx: typer.Context, incomplete: str) -> list[str]:
    """The arguments of `config set`: settings as name=value, each with values to choose from."""
    from nabij.settings.config_file import NAMES

    name, mark, begun = incomplete.partition("=")
    # bash parts words at the sign, and wants only what comes behind it.
    *_, before = ("", *(one for one in ctx.params.get("words") or () if one != "="))
    if not mark and before in NAMES:
        return [one for one in _values(before) if one.startswith(incomplete)]
    if mark:
        return [f"{name}={one}" for one in _values(name) if one.startswith(begun)]
    named = [one for one in NAMES if one.startswith(incomplete)]
    if len(named) == 1:
        # Two or more, or the shell would put a blank behind it.
        return [f"{named[0]}={one}" for one in _values(named[0])]
    return [f"{one}=" for one in named] if incomplete else []


def _values(name: str) -> list[str]:
    from badge.core.settings.fields import FIELDS, PROFILES

    if name == "profile":
        return [*PROFILES, "default"]
    known = {field.name: field for field in FIELDS}
    if name not in known:
        return []
    field = known[name]
    if field.kind == "choice":
        return [*map(str, field.lowest), "default"]
    if isinstance(field.default, bool):
        return [*_WORDS_OF_FLAGS, "default"]
    return [str(field.default), "default"]
