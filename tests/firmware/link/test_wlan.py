"""WLAN and several bearers as one have all that a bearer has."""

import json

import pytest

from tests.firmware.link.contract import promised
from tests.mp import run_mp

RIG = """
import json
from badge.link.bearers import Bearers
from badge.link.wlan import Wlan

wlan = Wlan(None, [("ward", "")], "", None)
both = Bearers([wlan, wlan], lambda: False, lambda: False, None)
"""


@pytest.mark.parametrize("bearer", ["wlan", "both"])
def test_it_has_all_that_a_bearer_has(bearer: str) -> None:
    script = f"{RIG}print(json.dumps([n for n in {promised()!r} if not hasattr({bearer}, n)]))"
    assert json.loads(run_mp(script)) == []
