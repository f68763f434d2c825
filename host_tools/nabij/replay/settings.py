"""The configuration of a replay: a file, a shipped one by its name, or the defaults."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from badge.core import config as badge_config
from nabij import verifier
from nabij.errors import UsageError

DEFAULTS: Final = "defaults"
_GROUPS: Final = frozenset(row[5] for row in badge_config.FIELDS)


@dataclass(frozen=True)
class Settings:
    """A badge configuration (badge.core.config.Config) and the name it goes by."""

    name: str
    config: Any


def load(name: str | None) -> Settings:
    """Return the configuration of a file or of a shipped name; UsageError says what is wrong.

    A number behind a colon chooses one of its presets of sensitivity, as `neck:4`.
    """
    if name is None or name == DEFAULTS:
        return Settings(DEFAULTS, badge_config.defaults())
    found = re.fullmatch(r"(.+):(\d+)", name)
    plain, preset = (found[1], found[2]) if found else (name, None)
    shipped = _shipped()
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


def _shipped() -> dict[str, str]:
    folder = resources.files("nabij") / "configs"
    if not folder.is_dir():
        return {}
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


def _parse(name: str, text: str, preset: str | None, *, is_json: bool) -> Any:
    try:
        given = json.loads(text) if is_json else tomllib.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{name} is not a readable {'JSON' if is_json else 'TOML'} file: {error}."
        ) from None
    try:
        flat = _flat(given, preset) if isinstance(given, dict) else given
        return badge_config.Config.from_dict(flat)
    except (badge_config.ConfigError, verifier.VerifierError) as error:
        raise UsageError(f"{name}: {error}") from None


def _flat(given: dict[str, Any], preset: str | None) -> dict[str, Any]:
    """Return the settings with those in a table named after their group, as [detector], lifted."""
    flat: dict[str, Any] = {}
    presets = given.get("presets", {})
    for key, value in given.items():
        if isinstance(value, dict) and key in _GROUPS:
            flat.update(value)
        elif isinstance(value, dict) and key == "verifier":
            flat[key] = verifier.from_toml(value).text()
        elif key != "presets":
            flat[key] = value
    if preset is not None:
        if not isinstance(presets, dict) or not isinstance(presets.get(preset), dict):
            raise verifier.VerifierError(
                f"There is no preset {preset}: choose from {', '.join(sorted(presets)) or 'none'}."
            )
        flat.update(presets[preset])
    return flat
