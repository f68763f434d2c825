"""What settings are asked for: those of a file in place of all, or changes to what is there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nabij.errors import UsageError
from nabij.settings import config_file

DEFAULT: Final = "default"
_OF_ONE: Final = ("config.type", "config.range")


@dataclass(frozen=True)
class Asked:
    """A file's settings in place of all, or changes."""

    source: str
    file: dict[str, Any] | None
    changes: dict[str, Any]

    def to_json(self) -> bytes:
        """For whoever applies it later, by `from_json`."""
        return json.dumps(self.__dict__).encode()

    def applied_to(self, now: Mapping[str, Any]) -> dict[str, Any]:
        """The settings that a badge with these is to have."""
        if self.file is not None:
            return self.file
        merged = {**now, **self.changes}
        return {name: value for name, value in merged.items() if value != DEFAULT}


def from_json(content: bytes) -> Asked:
    """What `to_json` gave."""
    return Asked(**json.loads(content))


def asked(words: Sequence[str]) -> Asked:
    """What a file or NAME=VALUE words ask for; UsageError for what no badge would take."""
    if len(words) == 1 and "=" not in words[0] and words[0] not in config_file.NAMES:
        given = config_file.load(Path(words[0]))
        config_file.require(given, words[0])
        return Asked(words[0], given, {})
    changes = {}
    for text in words:
        name, value = config_file.parse_assignment(text)
        changes[name] = value
    kept = {name: value for name, value in changes.items() if value != DEFAULT}
    # What depends on the other settings is checked once those of the badge are known.
    faults = [one for one in config_file.examine(kept)[1] if one.code in _OF_ONE]
    if faults:
        raise UsageError(faults[0].sentence)
    return Asked("These settings", None, changes)
