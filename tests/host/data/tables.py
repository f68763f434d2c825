"""Writes tables of one made-up walk as spreadsheets, telephones and loggers write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nabij.data.common import STANDARD_GRAVITY, Floats

START = dt.datetime(2026, 11, 3, 8, 15, tzinfo=dt.UTC)
EPOCH_S = START.timestamp()
A_UNIT = {"g": 1.0, "mg": 1000.0, "m/s2": STANDARD_GRAVITY, "counts": 2048.0}


def walk(n: int = 400, rate_hz: float = 100.0) -> Floats:
    """A body that stands, walks and stands, in g."""
    t = np.arange(n) / rate_hz
    step = 0.3 * np.sin(2 * np.pi * 1.9 * t) * (t > 1.2) * (t < t[-1] - 0.3)
    rng = np.random.default_rng(7)
    still = rng.normal(0, 0.004, (n, 3))
    return np.column_stack([0.2 + 0.4 * step, 0.96 + step, 0.17 - 0.2 * step]) + still


@dataclass(frozen=True)
class Writer:
    """A table's dialect; `time` makes the text of one moment, in seconds from the start."""

    separator: str = ","
    decimal: str = "."
    quote: str = ""
    encoding: str = "utf-8"
    line_end: str = "\n"
    heading: Sequence[str] = ("t_s", "x (g)", "y (g)", "z (g)")
    preamble: str = ""
    unit: str = "g"
    digits: int = 4
    # Where in a line the columns go: t for the time, then what else, by its number.
    order: str = "txyz"
    time: Callable[[float], str] = field(default=lambda second: f"{second:.4f}")
    last_line_ends: bool = True

    def write(self, file: Path, acc: Floats, rate_hz: float) -> Path:
        """The recording in a file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [self.preamble] if self.preamble else []
        if self.heading:
            lines.append(self._line(self.heading))
        for at, row in enumerate(acc * A_UNIT[self.unit]):
            texts = {"t": self.time(at / rate_hz)}
            texts |= {
                axis: f"{value:.{self.digits}f}" for axis, value in zip("xyz", row, strict=True)
            }
            texts |= {str(k): f"{k * 1.5 + at % 7:.3f}" for k in range(10)}
            cells = [texts[one] for one in self.order]
            if self.decimal != ".":
                cells = [cell.replace(".", self.decimal) for cell in cells]
            lines.append(self._line(cells))
        end = self.line_end if self.last_line_ends else ""
        file.write_bytes((self.line_end.join(lines) + end).encode(self.encoding))
        return file

    def _line(self, cells: Sequence[str]) -> str:
        return self.separator.join(f"{self.quote}{cell}{self.quote}" for cell in cells)


def clock(form: str, fraction: int | None = 3) -> Callable[[float], str]:
    """Times of day in strftime's form; `fraction` digits of the second in place of $f."""

    def text(second: float) -> str:
        when = START + dt.timedelta(seconds=round(second, 6))
        digits = f"{when.microsecond:06d}"[:fraction]
        return when.strftime(form).replace("$f", digits)

    return text


def number(factor: float, form: str = "d", offset: float = 0.0) -> Callable[[float], str]:
    """Times as a number: seconds, from an offset, times a factor."""

    def text(second: float) -> str:
        value = (offset + second) * factor
        return format(round(value) if form == "d" else value, form)

    return text


ACTIGRAPH = """------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.4 Firmware v1.9.2 \
date format d-M-yyyy at 100 Hz  Filter Normal -----------
Serial Number: MOS2D12345678
Start Time 08:15:00
Start Date 3-11-2026
Epoch Period (hh:mm:ss) 00:00:00
Download Time 12:12:12
Download Date 3-11-2026
Current Memory Address: 0
Current Battery Voltage: 4,10     Mode = 12
--------------------------------------------------"""
SHIMMER = tuple(
    f"Shimmer_5E9D_{name}_CAL"
    for name in (
        *("Timestamp_Unix", "Accel_LN_X", "Accel_LN_Y", "Accel_LN_Z"),
        *("Accel_WR_X", "Accel_WR_Y", "Accel_WR_Z", "Gyro_X"),
    )
)
_MS2 = ("m/(s^2)",) * 3

# What people have, each from what its maker documents or its users show.
KINDS: dict[str, Writer] = {
    "Excel in Dutch": Writer(
        ";",
        ",",
        line_end="\r\n",
        encoding="utf-8-sig",
        heading=("tijd (s)", "X (g)", "Y (g)", "Z (g)"),
    ),
    "Excel in German": Writer(
        ";",
        ",",
        line_end="\r\n",
        encoding="cp1252",
        heading=(
            "Zeit (s)",
            "Beschleunigung X (m/s²)",
            "Beschleunigung Y (m/s²)",
            "Beschleunigung Z (m/s²)",
        ),
        unit="m/s2",
    ),
    "Excel as Unicode text": Writer("\t", ",", line_end="\r\n", encoding="utf-16"),
    "Excel with times of day": Writer(
        ";",
        ",",
        line_end="\r\n",
        time=clock("%d-%m-%Y %H:%M:%S,$f"),
        heading=("tijd", "x", "y", "z"),
    ),
    "Excel with minutes and tenths": Writer(
        ";", ",", time=clock("%M:%S.$f", 1), heading=("tijd", "x", "y", "z")
    ),
    "Excel with serial days": Writer(
        ";",
        ",",
        time=lambda second: f"{46329.34375 + second / 86400:.10f}",
        heading=("Zeit", "x", "y", "z"),
    ),
    "LibreOffice with quoted commas": Writer(",", ",", quote='"'),
    "LibreOffice, all text quoted": Writer(quote='"'),
    "old Mac": Writer(
        line_end="\r", encoding="mac_roman", heading=("t_s", "x (g)", "y (g)", "z (g)")
    ),
    "UTF-16 without a mark": Writer(encoding="utf-16-le"),
    "phyphox": Writer(
        quote="",
        heading=(
            '"Time (s)"',
            '"Acceleration x (m/s^2)"',
            '"Acceleration y (m/s^2)"',
            '"Acceleration z (m/s^2)"',
            '"Absolute acceleration (m/s^2)"',
        ),
        time=lambda second: f"{second:.9E}",
        unit="m/s2",
        digits=9,
        order="txyz1",
    ),
    "phyphox with tabs and commas": Writer(
        "\t",
        ",",
        heading=(
            "Time (s)",
            "Acceleration x (m/s^2)",
            "Acceleration y (m/s^2)",
            "Acceleration z (m/s^2)",
        ),
        unit="m/s2",
    ),
    "Sensor Logger": Writer(
        heading=("time", "seconds_elapsed", "z", "y", "x"),
        time=lambda second: f"{round((EPOCH_S + second) * 1000)}000000,{second:.6f}",
        unit="m/s2",
        order="tzyx",
        digits=8,
    ),
    "SensorLog": Writer(
        heading=(
            *(
                "loggingTime(txt)",
                "accelerometerAccelerationX(G)",
                "accelerometerAccelerationY(G)",
            ),
            *("accelerometerAccelerationZ(G)", "gyroRotationX(rad/s)", "gyroRotationY(rad/s)"),
            *("gyroRotationZ(rad/s)", "motionUserAccelerationX(G)", "motionUserAccelerationY(G)"),
            *("motionUserAccelerationZ(G)", "activity(txt)"),
        ),
        time=clock("%Y-%m-%dT%H:%M:%S.$f+0100"),
        order="txyz1234560",
    ),
    "Physics Toolbox": Writer(
        heading=("time", "gFx", "gFy", "gFz", "TgF"),
        time=clock("%H:%M:%S:$f"),
        order="txyz1",
    ),
    "AndroSensor": Writer(
        ";",
        heading=(
            *("ACCELEROMETER X (m/s²)", "ACCELEROMETER Y (m/s²)", "ACCELEROMETER Z (m/s²)"),
            *("GRAVITY X (m/s²)", "GRAVITY Y (m/s²)", "GRAVITY Z (m/s²)"),
            *("LINEAR ACCELERATION X (m/s²)", "LINEAR ACCELERATION Y (m/s²)"),
            *("LINEAR ACCELERATION Z (m/s²)", "Time since start in ms"),
        ),
        unit="m/s2",
        order="xyz123456t",
        time=number(1000),
    ),
    "ActiGraph": Writer(
        preamble=ACTIGRAPH,
        line_end="\r\n",
        heading=("Accelerometer X", "Accelerometer Y", "Accelerometer Z"),
        order="xyz",
        digits=3,
    ),
    "ActiGraph with stamps": Writer(
        preamble=ACTIGRAPH,
        line_end="\r\n",
        heading=("Timestamp", "Accelerometer X", "Accelerometer Y", "Accelerometer Z"),
        digits=3,
        time=clock("%d-%m-%Y %H:%M:%S.$f"),
    ),
    "ActiGraph in Dutch": Writer(
        ";",
        ",",
        preamble=ACTIGRAPH,
        line_end="\r\n",
        heading=("Accelerometer X", "Accelerometer Y", "Accelerometer Z"),
        order="xyz",
        digits=3,
    ),
    "Axivity": Writer(heading=(), time=clock("%Y-%m-%d %H:%M:%S.$f"), digits=6),
    "Axivity AX6": Writer(
        heading=(
            "Time",
            "Accel-X (g)",
            "Accel-Y (g)",
            "Accel-Z (g)",
            "Gyro-X (d/s)",
            "Gyro-Y (d/s)",
            "Gyro-Z (d/s)",
        ),
        time=clock("%Y-%m-%d %H:%M:%S.$f"),
        order="txyz123",
    ),
    "GENEActiv": Writer(
        preamble="Device Type,GENEActiv\nMeasurement Frequency,100 Hz\nDevice Unique Code,1",
        heading=(),
        time=clock("%Y-%m-%d %H:%M:%S:$f"),
        order="txyz",
    ),
    "Movesense": Writer(
        heading=("Timestamp (ms)", "X: (m/s^2)", "Y: (m/s^2)", "Z: (m/s^2)"),
        unit="m/s2",
        time=number(1000),
    ),
    "Shimmer": Writer(
        "\t",
        preamble='"sep=\t"',
        heading=(*SHIMMER[:-1], SHIMMER[-1] + "\n" + "\t".join(["ms", *_MS2, *_MS2, "deg/s"])),
        unit="m/s2",
        time=number(1000, ".3f", EPOCH_S),
        order="t123xyz4",
        line_end="\r\n",
    ),
    "epoch in seconds": Writer(
        heading=("timestamp", "acc_x", "acc_y", "acc_z"), time=number(1, ".3f", EPOCH_S)
    ),
    "epoch in ms, six axes": Writer(
        heading=("timestamp", "gyro_x", "gyro_y", "gyro_z", "acc_x", "acc_y", "acc_z"),
        time=number(1000, "d", EPOCH_S),
        order="t123xyz",
    ),
    "epoch in us": Writer(heading=("ts_us", "ax", "ay", "az"), time=number(1e6, "d", EPOCH_S)),
    "epoch in ns": Writer(
        heading=("timestamp", "x", "y", "z"), time=lambda s: f"{round((EPOCH_S + s) * 1000)}000000"
    ),
    "ISO in a zone": Writer(
        heading=("timestamp", "acc_x_g", "acc_y_g", "acc_z_g"),
        time=clock("%Y-%m-%dT%H:%M:%S.$f+01:00"),
    ),
    "ISO in UTC": Writer(
        heading=("timestamp", "X", "Y", "Z"), time=clock("%Y-%m-%dT%H:%M:%S.$fZ")
    ),
    "American dates": Writer(
        heading=("Date/Time", "X [mg]", "Y [mg]", "Z [mg]"),
        unit="mg",
        time=clock("%m/%d/%Y %I:%M:%S.$f %p"),
    ),
    "date and time apart": Writer(
        heading=("Date", "Time", "x", "y", "z"), time=clock("%d.%m.%Y,%H:%M:%S.$f")
    ),
    "blanks and a comment": Writer(
        " ", preamble="# made by hand", heading=("t_s", "ax", "ay", "az"), unit="m/s2"
    ),
    "z first, in mg": Writer(
        heading=("z", "x", "y", "t_ms"), unit="mg", order="zxyt", time=number(1000)
    ),
    "R with row names": Writer(
        heading=('"time"', '"x"', '"y"', '"z"'), time=lambda s: f'"{round(s * 100) + 1}",{s:.2f}'
    ),
    "no last line end": Writer(last_line_ends=False),
}
