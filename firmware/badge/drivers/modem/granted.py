"""What the network granted of saving power, asked for or not (SIMCom AT manual V1.05, 5.2)."""

from badge.core.portable import const
from badge.drivers.modem.at import AtError

_COMMAND_MS = const(2_000)


async def granted(modem):
    """By name: the eDRX cycle as four bits in text, the active time of PSM in s; "" and 0: none.

    None for what the modem does not tell. With them what it was asked for, if anything, and
    whether it took that. Raises AtError at.timeout.
    """
    at, asked = modem.at, modem.edrx
    # AcT, requested, provided, window; AcT 0: the cell uses none.
    fields = await _fields(at, b"AT+CEDRXRDP", b"+CEDRXRDP:")
    edrx = None
    if fields and fields[0].isdigit():
        edrx = fields[2].strip().strip('"') if fields[0] != "0" and len(fields) > 2 else ""
    # Mode, two that are requested, active time, and when it reports.
    fields = await _fields(at, b"AT+CPSMRDP", b"+CPSMRDP:")
    psm_s = None
    if len(fields) > 3 and fields[0].isdigit() and fields[3].isdigit() and len(fields[3]) < 7:
        psm_s = int(fields[3]) if fields[0] != "0" else 0
    found = {"edrx": edrx, "psm_s": psm_s}
    if asked is not None:
        found["edrx_s"], found["edrx_taken"] = asked.cycle_s, asked.taken
    return found


async def _fields(at, command, prefix):
    try:
        lines = await at.command(command, _COMMAND_MS, expect=prefix)
    except AtError as error:
        if error.code == "at.timeout":
            raise
        return ()
    text = "".join(chr(byte) for byte in lines[0][len(prefix) :] if 32 <= byte < 127)
    return [field.strip() for field in text.split(",")]
