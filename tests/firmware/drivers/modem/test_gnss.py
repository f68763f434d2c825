"""The modem's satellite receiver: LTE is off meanwhile, and comes back whatever happens."""

from tests.sim.modem_scripts import run

LOOK = """
from badge.drivers.modem.gnss import ModemGnss
async def look(gnss, seconds):
    for _ in range(seconds):
        await asyncio.sleep(1)
        fix = await gnss.fix()
        if fix is not None:
            return fix
"""


def test_it_is_on_only_off_the_network_and_the_modem_comes_back() -> None:
    out = run(f"""
boot(gnss={{"old": 0, "accuracy_m": 9}})
{LOOK}
async def main():
    modem = rig.modem(await ready())
    await modem.power_on()
    fed = []
    gnss = ModemGnss(modem, fed.append)
    await gnss.start()
    print(modem.registration, rig.model.registration.stat)
    fix = await look(gnss, 60)
    print(fix[:3], await modem.cell())
    await gnss.stop()
    await modem.power_on()
    print(await modem.wait_registered(10_000), fed, (await modem.cell())[:2])
asyncio.run(main())
""")
    assert out == [
        "0 0",
        "(523702160, 48951680, 45) None",
        "1 [True, False] (204, 8)",
    ]


def test_together_with_lte_the_module_crashes_in_the_model_too() -> None:
    out = run("""
boot()
async def main():
    at = await ready()
    try:
        await at.command(b"AT+CGNSPWR=1", 2000)
    except AtError as error:
        print(error.code)
    print(await at.answers(2000))
asyncio.run(main())
""")
    assert out == ["at.timeout", "False"]


def test_a_badge_that_starts_anew_takes_a_modem_from_its_satellites() -> None:
    out = run(f"""
boot()
{LOOK}
async def main():
    at = await ready()
    before = rig.modem(at)
    await before.power_on()
    await ModemGnss(before).start()
    after = rig.modem(at)
    await after.power_on()
    print(await after.wait_registered(10_000), await after.pdp_up())
asyncio.run(main())
""")
    assert out == ["1 10.96.7.21"]
