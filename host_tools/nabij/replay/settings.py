"""The configuration of a replay: a file, a shipped one by its name, or the defaults."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.settings import config as badge_config
from nabij.errors import NabijError, UsageError
from nabij.settings import config_tables

DEFAULTS: Final = "defaults"
# Where the shipped configurations were fitted to be worn; a badge without one has that of neck.
_MADE_FOR: Final = {"neck": ("neck", "chest"), "belt": ("waist",)}


@dataclass(frozen=True)
class Settings:
    """A badge configuration (badge.core.settings.config.Config) and the name it goes by."""

    name: str
    config: Any


def load(name: str | None) -> Settings:
    """Return the configuration of a file or of a shipped name; UsageError says what is wrong.

    A number behind a colon chooses one of its presets of sensitivity, as `neck:4`.
    """
    if name is None or name == DEFAULTS:
        return Settings(DEFAULTS, badge_config.defaults())
    plain, preset = config_tables.split(name)
    shipped = config_tables.shipped()
    if plain in shipped:
        return Settings(name, _parse(name, shipped[plain], preset, is_json=False))
    path = Path(plain)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join([*sorted(shipped), DEFAULTS])
        raise UsageError(
            f"There is no readable configuration {name}: give a file, or one of {known}."
        ) from error
    stem = path.stem + (f":{preset}" if preset else "")
    return Settings(stem, _parse(name, text, preset, is_json=path.suffix == ".json"))


def remark(settings: Settings, places: Iterable[str]) -> str:
    """Return a sentence about places that a shipped configuration is not made for, or nothing."""
    name = "neck" if settings.name == DEFAULTS else settings.name.partition(":")[0]
    if name not in _MADE_FOR:
        return ""
    elsewhere = [place for place in dict.fromkeys(places) if place not in _MADE_FOR[name]]
    if not elsewhere:
        return ""
    told = []
    for place in elsewhere:
        other = next((one for one, made_for in _MADE_FOR.items() if place in made_for), None)
        hint = f"--config {other} is made for it" if other else "no shipped one is made for it"
        told.append(f"{place or 'a place that is not named'} ({hint})")
    return (
        f"The configuration {name}, made for {' and '.join(_MADE_FOR[name])}, judged all: "
        f"also {', '.join(told)}."
    )


def _parse(name: str, text: str, preset: str | None, *, is_json: bool) -> Any:
    try:
        given = json.loads(text) if is_json else tomllib.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{name} is not a readable {'JSON' if is_json else 'TOML'} file: {error}."
        ) from None
    where = name
    try:
        if not isinstance(given, dict):
            return badge_config.Config.from_dict(given)
        chosen = badge_config.Config.from_dict(config_tables.flat(given, preset))
        # One that nobody chose yet must not wait with its fault until somebody does.
        plain = config_tables.flat(given)
        for other, changes in config_tables.presets(given).items():
            where = f"{name}, preset {other}"
            badge_config.Config.from_dict({**plain, **changes})
    except badge_config.ConfigError as error:
        raise UsageError(f"{where}: {error}") from None
    except NabijError as error:
        raise UsageError(f"{where}: {error.sentence}") from None
    return chosen
