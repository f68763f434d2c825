"""What a virtual badge is to live through: the description that the simulator reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nabij.hardware import board_parts, board_source, boards, power

Fact = dict[str, Any]
BLOCK_BYTES: Final = 4096
# 6 MB, as on a chip with 8 MB of flash, of which MicroPython takes the first two.
CHIP_BLOCKS: Final = 1536
# Of a run in virtual time, which nobody updates: there are thousands, and each writes its flash.
FAST_BLOCKS: Final = 256


@dataclass(frozen=True)
class Trace:
    """A trace file (see nabij.data.traces) played from world time `start_ms` on.

    `after` its end: "hold" the last sample, "still" the mean of its last second, or "loop" it.
    """

    file: Path
    start_ms: int = 0
    after: str = "hold"


@dataclass(frozen=True)
class Scenario:
    """One run of a virtual badge; times in world ms since power-on.

    docs/simulator.md has the options of `modem` (None: a badge without one), `wlan`, `ble`, `imu`
    and `pmu`, and the verbs of `events`, such as {"at_ms": 3000, "do": "press", "ms": 1700}; it
    refuses what it does not know. `stalls` changes entries of sim/stalls.py, or is "off".
    `provision` is a folder of files that are copied into the badge's root at its first start.
    `gnss` are those of a satellite receiver on a serial line (None: there is none). `definition`
    is a board that hardware/boards does not have, or not so, in place of `board`.
    `flash_blocks` of 4 kB (None: what its flash has already, else those of the chip for a live
    badge, and 1 MB in fast mode). `main` runs another main.py (for tests). `app` is "repo" for the
    firmware of this repository, "flash" for what is in the badge's flash. `seed` decides
    os.urandom in fast mode, so that a run can be repeated exactly. `serial` is the number that
    `machine.unique_id` gives. `figures` are what the badge draws, and what its battery holds: the
    board's, if left out. With `hear_usb` each line that the badge writes to USB is a fact
    (`usb_line`).
    """

    mode: str = "fast"
    board: str = "t_sim7080g_s3"
    duration_ms: int | None = None
    provision: Path | None = None
    flash_blocks: int | None = None
    cut_after: int | None = None
    torn: bool = False
    stalls: dict[str, float] | str = field(default_factory=dict)
    trace: Trace | None = None
    events: Sequence[Fact] = ()
    modem: Fact | None = None
    wlan: Fact | None = None
    ble: Fact | None = None
    gnss: Fact | None = None
    definition: board_parts.Board | None = None
    imu: Fact = field(default_factory=dict)
    pmu: Fact = field(default_factory=dict)
    engine: str | None = None
    main: Path | None = None
    ticks_offset_ms: int = 0
    seed: int = 1
    app: str = "repo"
    serial: str = "6e6162696a01"
    figures: power.Figures | None = None
    hear_usb: bool = False

    def to_json(self, flash_file: Path) -> Fact:
        """The scenario as sim/boot.py reads it, with the board's wiring and absolute paths."""
        board = self.definition or boards.load(self.board)
        source = None if self.definition is None else board_source.firmware_source(board)
        return {
            "mode": self.mode,
            "board": board.id,
            "board_source": source,
            "wiring": boards.wiring(board),
            "duration_ms": self.duration_ms,
            "provision": absolute_or_none(self.provision),
            "flash": {
                "size_blocks": self.flash_blocks or self._blocks(flash_file),
                "file": str(flash_file),
                "cut_after": self.cut_after,
                "torn": self.torn,
            },
            "stalls": self.stalls,
            "trace": self.trace
            and {
                "file": absolute_or_none(self.trace.file),
                "start_ms": self.trace.start_ms,
                "after": self.trace.after,
            },
            "events": list(self.events),
            "modem": self.modem,
            "wlan": self.wlan,
            "ble": self.ble,
            "gnss": self.gnss,
            "imu": self.imu,
            "pmu": self.pmu,
            "power": (self.figures or power.load(board=self.board)).to_json(),
            "engine": self.engine,
            "main": absolute_or_none(self.main),
            "ticks_offset_ms": self.ticks_offset_ms,
            "seed": self.seed,
            "app": self.app,
            "serial": self.serial,
            "hear_usb": self.hear_usb,
        }

    def _blocks(self, flash_file: Path) -> int:
        if flash_file.is_file():
            return max(1, flash_file.stat().st_size // BLOCK_BYTES)
        return CHIP_BLOCKS if self.mode == "live" else FAST_BLOCKS


def absolute_or_none(path: Path | None) -> str | None:
    """The simulator changes its root, so it only understands absolute paths."""
    return None if path is None else str(path.resolve())
