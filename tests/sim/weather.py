"""A life of a badge in bad weather, drawn from a seed: what befalls it and what its wearer does.

`python -m tests.sim.weather SEED` lives one and prints it. What there is to draw of the network
and whoever is near stands in weather_network.py, what its wearer does in weather_wearer.py, what
must be so all the same in weather_judge.py.

It storms for five minutes, in a few lives for hours, and is clear for five after that, so that
what is open then has time to arrive. Whatever is drawn can happen beside anything else.
"""

import random
import sys
import tempfile
from pathlib import Path
from typing import Final

from nabij.centre.register.pki import Authority
from nabij.data import traces
from nabij.paths import StatePaths
from nabij.virtual import site as sites
from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim import weather_judge, weather_network, weather_wearer
from tests.sim.sms_lives import CARD, NUMBER
from tests.sim.weather_record import STORM_MS, Weather
from tests.sim.wlan_badge import main_with
from tests.worlds import Site, make_site

CLEAR_MS: Final = 300_000
_TICKS: Final = 1 << 30
# Who walks falls so long after the first step, and lies still then.
_WALK_S: Final = weather_wearer.WALK_MS / 1000
_LIE_S: Final = 90.0


def drawn(seed: int) -> Weather:
    """The weather of this seed, the same on every machine."""
    draw = random.Random(seed)
    wearer = weather_wearer.drawn(draw)
    network = weather_network.drawn(draw, wearer)
    storm_ms = STORM_MS
    words = network.words | wearer.words
    modem = network.modem
    if modem is not None and draw.random() < 0.02:
        # From before the call or soon after it, for hours.
        start_ms = max(1_000, wearer.calls_ms[0] + draw.randrange(-120_000, 20_000))
        storm_ms = start_ms + draw.randrange(3_600_000, 3 * 3_600_000)
        modem = modem | {"no_coverage_ms": [[start_ms, storm_ms]]}
        words |= {"hours without coverage"}
    offset_ms = 0
    if draw.random() < 0.1:
        # The chip's ticks begin anew somewhere in the storm.
        offset_ms = _TICKS - draw.randrange(1_000, STORM_MS)
        words |= {"clock jumps"}
    blows = weather_network.blows(draw, network, wearer)
    return Weather(
        seed=seed,
        words=frozenset(words | blows.words),
        uplinks=network.uplinks,
        modem=modem,
        wlan=network.wlan,
        ble=network.ble,
        settings=network.settings | wearer.settings,
        events=sorted([*wearer.events, *blows.events], key=lambda one: one.get("at_ms", 0)),
        wearer=wearer,
        storm_ms=storm_ms,
        ticks_offset_ms=offset_ms,
    )


def lived(site: Site, folder: Path, weather: Weather) -> Run:
    """The life of a badge in this weather, whatever it is."""
    # One server behind all addresses: its certificate has each name.
    names = ["localhost", *weather_network.OTHERS]
    Authority.open(StatePaths(site.state).pki).ensure_server(names)
    provision = site.provision_with(folder / "provision", dict(weather.settings))
    if "sms_to" in weather.settings:
        (provision / "sms").write_text(f"{CARD} 1800000000 {NUMBER}")
    key = sites.remote(site.state, site.provision)["hmac_key"]
    ble = weather.ble
    return run_fast(
        Scenario(
            duration_ms=weather.storm_ms + CLEAR_MS,
            provision=provision,
            modem=_reaches(site, weather.modem),
            wlan=_reaches(site, weather.wlan),
            ble=ble and ble | {"caller_key": key},
            events=weather.events,
            trace=_moves(folder, weather.wearer.walks_ms),
            main=None if weather.uplinks == ("modem",) else main_with(folder, weather.uplinks),
            seed=weather.seed,
            ticks_offset_ms=weather.ticks_offset_ms,
        ),
        folder=folder / "badge",
        timeout_s=600.0,
    )


def faults(weather: Weather, run: Run) -> list[str]:
    """What went wrong with its alarms, a sentence each; empty when nothing did."""
    return weather_judge.faults(weather, run)


def _reaches(site: Site, way: Fact | None) -> Fact | None:
    """A way with the server behind it, where it has one of its own."""
    if way is None or "remote" not in way:
        return way
    return way | {"remote": sites.remote(site.state, site.provision) | way["remote"]}


def _moves(folder: Path, walks_ms: int | None) -> Trace | None:
    if walks_ms is None:
        return None
    fall = Body().walk_fall_lie(_WALK_S, _LIE_S)
    return Trace(traces.write_sim_trace(folder / "fall", fall), walks_ms, "still")


def main() -> int:
    """Live the weather of one seed and print it."""
    weather = drawn(int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        run = lived(make_site(Path(folder) / "site"), Path(folder), weather)
    print(*[line.text for line in run.lines if _tells(line.fact)], sep="\n")
    print(weather)
    print("faults:", faults(weather, run))
    return 0


def _tells(fact: Fact | None) -> bool:
    """Not what happens all the time."""
    return fact is None or not {"motor", "stall", "sleep", "flash"} & fact.keys()


if __name__ == "__main__":
    raise SystemExit(main())
