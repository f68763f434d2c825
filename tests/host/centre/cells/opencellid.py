"""Files as OpenCelliD gives them away, and what in them a test looks for."""

import gzip
from collections.abc import Iterable
from pathlib import Path

HEADINGS = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
)


def line(ci: int = 77, **other: object) -> str:
    """A line of one cell; `other` by the heading."""
    values = {
        "radio": "LTE",
        "mcc": 204,
        "net": 8,
        "area": 4101,
        "cell": ci,
        "unit": 301,
        "lon": 4.35556,
        "lat": 52.00667,
        "range": 1200,
        "samples": 80,
        "changeable": 1,
        "created": 1459692342,
        "updated": 1790000000,
        "averageSignal": 0,
        **other,
    }
    return ",".join(str(one) for one in values.values()) + "\n"


def packed(file: Path, lines: Iterable[str]) -> Path:
    """The same as a gzip."""
    file.write_bytes(gzip.compress("".join(lines).encode(), 1))
    return file
