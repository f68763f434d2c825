"""The badge's pure modules give a 32-bit microcontroller's VM the answers they give the host's.

Each transcript prints integers and hex for fixed seeds; both machines must print the same lines.
"""

import pytest

from tests.emulated import inputs
from tests.emulated.pico import TRANSCRIPTS, run_on_host, run_on_pico

NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("t_*.py"))
# What these import alone takes the emulated machine a minute or so.
IN_SOAK = frozenset({"t_alarm", "t_gestures", "t_outbox"})
SHORT = [pytest.param(name, False) for name in NAMES if name not in IN_SOAK]
LONG = [pytest.param(name, True, marks=pytest.mark.soak) for name in NAMES]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "long"), [*SHORT, *LONG])
def test_transcript_is_the_same_on_both_machines(name: str, long: bool) -> None:
    files = inputs.of(name, long=long)
    host = run_on_host(name, files)
    pico = run_on_pico(name, files)
    assert host[0] == "BEGIN"
    assert host[-1] == "END"
    assert len(host) > 20, "a transcript this short shows nothing"
    for number, (here, there) in enumerate(zip(host, pico, strict=False)):
        assert there == here, f"{name} line {number}"
    assert len(pico) == len(host)


def test_the_detector_transcript_walks_through_every_event() -> None:
    host = run_on_host("t_detect", inputs.of("t_detect"))
    seen = next(line for line in host if line.startswith("falls events"))
    every_event = 1 | 2 | 4 | 8 | 16
    assert int(seen.split()[2]) == every_event
