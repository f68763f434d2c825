"""What was asked of a network to save power and what it grants, as the doctor says it."""

from pathlib import Path
from typing import Any, cast

import pytest

from nabij.usb import doctor, power_saving
from nabij.usb.device import Device
from nabij.virtual.badge import Scenario, run_fast
from tests.firmware.tasks.usb.console import answers, keyed
from tests.worlds import Site

LATE = "ask the operator to take it from this SIM: what the receiver says comes late by it"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, ""),
        ({"edrx": None, "psm_s": None}, ""),
        ({"edrx": "", "psm_s": 0}, ""),
        ({"edrx": "0010", "psm_s": 0}, "the network calls the modem only each 20.48 s (eDRX)"),
        ({"edrx": "1111"}, "the network calls the modem only each 10485.8 s (eDRX)"),
        ({"edrx": "2x"}, "the network calls the modem only by a cycle of '2x' (eDRX)"),
        ({"psm_s": 10}, "10 s after the last word the modem goes off (PSM)"),
    ],
)
@pytest.mark.parametrize("asked", [{}, {"edrx_s": 0, "edrx_taken": True}])
def test_what_is_granted_unasked_is_said(
    facts: dict[str, object], asked: dict[str, object], says: str
) -> None:
    """By firmware too that tells nothing of what it asks for."""
    assert power_saving.judged(facts | asked) == (says, LATE if says else "")


@pytest.mark.parametrize(
    ("edrx", "taken", "says", "todo"),
    [
        ("0010", True, "the network calls the modem only each 20.48 s (eDRX)", ""),
        ("", True, "eDRX of 20 s is asked for (`edrx_s`) and not granted", "or set `edrx_s = 0`"),
        (None, True, "and the modem does not tell what was granted", "or set `edrx_s = 0`"),
        ("", False, "asked for (`edrx_s`), which the modem refused", "set `edrx_s = 0`"),
        (None, False, "asked for (`edrx_s`), which the modem refused", "set `edrx_s = 0`"),
        ("0101", True, "but the network calls the modem only each 81.92 s (eDRX)", "by that"),
        ("0000", True, "but the network calls the modem only each 5.12 s (eDRX)", "by that"),
    ],
)
def test_what_was_asked_for_and_not_granted_so_is_said_with_what_to_do(
    edrx: str | None, taken: bool, says: str, todo: str
) -> None:
    found = power_saving.judged({"edrx_s": 20, "edrx": edrx, "edrx_taken": taken, "psm_s": 0})
    assert says in found[0]
    assert todo in found[1]
    assert bool(todo) == bool(found[1])


class Badge:
    """A badge that has found out `network` and nothing else."""

    def __init__(self, **network: Any) -> None:
        self.info = {
            "firmware": "0.5",
            "board": "x",
            "slot": "a",
            "provisioned": True,
            "badge": "b",
        }
        self._network = {"registration": 1, "rsrp_dbm": -87, "area": 4256, "cell": 17} | network

    def request(self, verb: str, **fields: Any) -> dict[str, Any]:
        if verb == "status":
            return {"open_alarms": 0, "heap_free": 1_700_000}
        return self._network if fields["check"] == "network" else {"failed": "x", "why": "y"}


def network_of(**facts: Any) -> doctor.Finding:
    found = doctor.examine(cast("Device", Badge(**facts)), wait_s=0)
    (finding,) = [one for one in found if one.part == "network"]
    return finding


def test_the_doctor_wants_it_looked_at_unless_it_is_what_was_asked_for() -> None:
    granted = network_of(edrx_s=20, edrx_taken=True, edrx="0010", psm_s=0)
    other = network_of(edrx_s=20, edrx_taken=True, edrx="0101", psm_s=0)
    unasked = network_of(edrx="0101", psm_s=0)
    assert (granted.verdict, granted.todo) == (doctor.OK, "")
    assert "each 20.48 s" in granted.found
    assert [other.verdict, unasked.verdict] == [doctor.LOOK] * 2
    assert "set `edrx_s`" in other.todo
    assert unasked.todo == LATE


@pytest.mark.parametrize(
    ("edrx_s", "modem", "told"),
    [
        (0, {}, ("", None, None)),
        (20, {}, ("0010", 20, True)),
        (20, {"edrx_granted": "none"}, ("", 20, True)),
        (20, {"edrx_answer": "error"}, ("", 20, False)),
    ],
)
def test_the_badge_tells_what_it_asked_for_and_what_was_granted(
    site: Site, tmp_path: Path, edrx_s: int, modem: dict[str, Any], told: tuple[Any, ...]
) -> None:
    ask = {"at_ms": 20_000, "do": "usb", "text": '?{"id":1,"do":"selftest","check":"network"}'}
    settings = {"shift_test": False, "edrx_s": edrx_s}
    provision = site.provision_with(tmp_path / "provision", settings)
    bare = Scenario(
        duration_ms=25_000, provision=provision, modem=site.modem(**modem), events=[ask]
    )
    found = answers(run_fast(keyed(site, bare, 15_000)))[1]["ok"]
    assert tuple(found.get(name) for name in ("edrx", "edrx_s", "edrx_taken")) == told
