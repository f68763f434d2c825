"""What the lines of a SIM7080 say (SIMCom AT manual V1.05)."""

from badge.core import utc
from badge.core.codec.place import Cell
from badge.core.portable import const
from badge.drivers.modem.at import AtError

# Local time is at most 14 hours from UTC.
_QUARTERS_MAX = const(56)


def stat_from_cereg(line):
    """<stat> of a +CEREG line, solicited (<n>,<stat>,..) or not (<stat>,..); None if neither."""
    fields = line[7:].strip().split(b",")
    # After the <stat> of an unsolicited line comes the tracking area code in quotes, or nothing.
    stat = fields[1] if len(fields) > 1 and fields[1].isdigit() else fields[0]
    return int(stat) if stat.isdigit() and len(stat) == 1 else None


def cell_from_cpsi(line):
    """The place.Cell of +CPSI: system,mode,mcc-mnc,0xtac,cell,..,RSRP at 11,..; None without one.

    AtError at.garbage when it is none.
    """
    fields = line.split(b",")
    if len(fields) < 14:
        return None
    try:
        mcc, mnc = fields[2].split(b"-")
        tac, rsrp_dbm = int(fields[3].decode(), 16), int(fields[11])
        return Cell(int(mcc), int(mnc), tac, int(fields[4]), rsrp_dbm)
    except (ValueError, UnicodeError):
        raise AtError("at.garbage", "not a CPSI line")


def utc_from_cclk(line):
    """UTC seconds of +CCLK: "yy/MM/dd,hh:mm:ss+zz" (local time, zz quarter hours), or None."""
    text = line[6:].strip().strip(b'"')
    numbers = [text[i : i + 2] for i in range(0, 20, 3)]
    if len(text) != 20 or text[17:18] not in (b"+", b"-"):
        return None
    if not all(n.isdigit() for n in numbers):
        return None
    year, month, day, hour, minute, second, quarters = [int(n) for n in numbers]
    # The chip counts from 1980 ("80/01/06") until the network has told it the time.
    if not 24 <= year < 80 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    local_s = utc.from_civil(2000 + year, month, day, hour, minute, second)
    if utc.to_civil(local_s)[:5] != (2000 + year, month, day, hour, minute):
        return None
    if quarters > _QUARTERS_MAX:
        return None
    return local_s + (-900 if text[17:18] == b"+" else 900) * quarters
