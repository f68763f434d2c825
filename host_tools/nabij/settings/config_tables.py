"""Configurations as people keep them: tables of settings, a verifier to read, presets, names."""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from nabij.errors import NabijError
from nabij.setting_words import GROUPS

_VERIFIER: Final = "verifier"
_PRESETS: Final = "presets"


def flat(given: Mapping[str, Any], preset: str | None = None) -> dict[str, Any]:
    """The settings as a badge knows them; NabijError for a verifier or a preset that is none.

    Those in a table named after their group, as [detector], are lifted, and [verifier] is packed.
    """
    found: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, dict) and key in GROUPS:
            for name in value:
                if name in found or name in given:
                    raise NabijError(f"'{name}' stands twice: in [{key}] and elsewhere.")
            found.update(value)
        elif isinstance(value, dict) and key == _VERIFIER:
            found[key] = _packed(value)
        elif key != _PRESETS:
            found[key] = value
    if preset is not None:
        known = presets(given)
        if preset not in known:
            raise NabijError(
                f"There is no preset {preset}: choose from {', '.join(sorted(known)) or 'none'}."
            )
        found.update(known[preset])
    return found


def presets(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The presets of a configuration by name; NabijError when they are something else."""
    tables = given.get(_PRESETS, {})
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise NabijError("The presets are not tables: write them as [presets.1] with settings.")
    return tables


def shipped() -> dict[str, str]:
    """The text of each configuration that comes with nabij, by its name."""
    folder = resources.files("nabij.settings") / "configs"
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


def split(name: str) -> tuple[str, str | None]:
    """The configuration and the preset that a name such as neck:4 asks for."""
    plain, _, preset = name.rpartition(":")
    return (plain, preset) if plain and preset.isdigit() else (name, None)


def _packed(table: Mapping[str, Any]) -> str:
    # Imported late: it needs NumPy, which no verb about the settings of a badge should wait for.
    from nabij.detector import verifier  # noqa: PLC0415

    return verifier.from_toml(table).text()
