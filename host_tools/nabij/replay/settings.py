"""The configuration of a replay: a file, a shipped one by its name, or the defaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.settings import config as badge_config
from nabij.settings import config_file, config_tables

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
    config = config_file.require_file(name)
    plain, preset = config_tables.split(name)
    if plain in config_tables.shipped():
        return Settings(name, config)
    return Settings(Path(plain).stem + (f":{preset}" if preset else ""), config)


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
