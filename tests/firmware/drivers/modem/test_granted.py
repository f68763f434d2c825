"""What the network granted of saving power: read where the modem tells it, never made up."""

from tests.mp import run_mp
from tests.sim.modem_scripts import run

SCRIPTED = """
import asyncio
from badge.drivers.modem.at import AtError
from badge.drivers.modem.granted import granted

class At:
    async def command(self, text, timeout_ms, expect):
        line = edrx if text == b"AT+CEDRXRDP" else psm
        if line is None:
            raise AtError("at.error", "refused")
        if not line.startswith(expect):
            raise AtError("at.garbage", "no line")
        return [line]

class Modem:
    at = At()
    edrx = None

for edrx, psm in answers:
    found = asyncio.run(granted(Modem))
    print((found.pop("edrx"), found.pop("psm_s")), *found)
"""


def test_each_form_of_the_answers_is_read_and_rubbish_is_nothing() -> None:
    answers = [
        (b"+CEDRXRDP: 0", b"+CPSMRDP: 0,0,0,0,0,3240"),
        (b'+CEDRXRDP: 4,"0000","0010","0011"', b"+CPSMRDP: 1,60,3600,10,3600,3240"),
        # Requested and not provided; a mode that is off has no times in force.
        (b'+CEDRXRDP: 4,"0000"', b"+CPSMRDP: 0,60,3600,10,3600,3240"),
        (None, None),
        (b"+CEDRXRDP: \xff,\x00", b"+CPSMRDP: 1,2"),
        (b"+CEDRXRDP:", b"+CPSMRDP: 1,,,99999999,,"),
        (b"RUBBISH", b"RUBBISH"),
    ]
    out = run_mp(f"answers = {answers!r}\n{SCRIPTED}").splitlines()
    none = "(None, None)"
    assert out == ["('', 0)", "('0010', 10)", "('', 0)", none, none, none, none]


def test_the_model_grants_what_nobody_asked_for() -> None:
    out = run("""
boot(edrx_granted="0101", psm_granted_s=12)
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    print(sorted((await modem.granted()).items()))
asyncio.run(main())
""")
    assert out == ["[('edrx', '0101'), ('psm_s', 12)]"]
