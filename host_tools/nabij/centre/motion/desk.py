"""Writes out the motion of an incident, beside a running receiver or without one."""

import binascii
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from badge.core.alarm import kinds
from badge.core.detector import params as detector_params
from nabij.centre import asking, operator
from nabij.centre.handover.files import REQUESTS
from nabij.centre.motion import pieces
from nabij.data.alarm_bundle import AlarmBundle
from nabij.data.alarm_window import Seen, parse_window
from nabij.errors import NabijError
from nabij.settings import config_file, config_tables


@dataclass(frozen=True)
class WrittenOut:
    """A recording in a bundle, and the shipped configuration by which its badge decided."""

    bundle: Path
    trial: str
    config: str | None


def write_out(state: Path, incident_id: int, bundle: Path, by: str) -> WrittenOut:
    """Add it to a trace bundle; that it was taken stands in the audit. UsageError, NabijError."""
    operator.incident(state, incident_id)
    paths = asking.paths_of(state)
    found = asking.read(paths, lambda one: pieces.content_of(one, incident_id))
    if found is None:
        raise NabijError(
            f"No motion of incident {incident_id} is here: its badge sends it only where its "
            "setting `motion_upload` is on, and after the receipt; `nabij pull` reads it by cable."
        )
    window = parse_window(*found)
    assert window.seen is not None  # noqa: S101 - of an older format nothing is sent
    there = AlarmBundle(bundle)
    values = {"motion": incident_id, "by": by, "at_ms": time.time_ns() // 1_000_000}
    asking.ask_for(REQUESTS, paths, values)
    trial = there.add(window, kinds.of(window.seen.kind).name)
    return WrittenOut(bundle, trial, _config_of(window.seen))


def _config_of(seen: Seen) -> str | None:
    """Which of the shipped configurations has the parameters that the badge had."""
    for plain, text in sorted(config_tables.shipped().items()):
        for preset in ("", *config_tables.presets(tomllib.loads(text))):
            name = f"{plain}:{preset}" if preset else plain
            params = detector_params.build(config_file.require_file(name))
            if binascii.crc32(params.tobytes()) == seen.params_crc:
                return name
    return None
