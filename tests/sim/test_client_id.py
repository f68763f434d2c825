"""The whole firmware's client id: the one that the receiver expects, at each connection."""

import json
from pathlib import Path

from badge.core.codec import wire
from nabij.virtual.badge import Scenario, run_fast
from tests.worlds import BADGE, make_site


def test_the_badge_comes_back_under_its_secret_id_at_each_connect(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    key = bytes.fromhex(json.loads((site.provision / "identity.json").read_text())["hmac_key"])
    run = run_fast(
        Scenario(
            duration_ms=60_000,
            provision=site.provision,
            # CONNECT and SUBSCRIBE, then the alarm on which the server hangs up.
            modem=site.modem(remote={"drop_at_packet": 3}),
            events=[{"at_ms": 15_000, "do": "press", "ms": 1600}],
        )
    )
    connected = [fact for fact in run.facts if fact.get("remote") == "connected"]
    assert [bool(fact["session_present"]) for fact in connected] == [False, False]
    assert {fact["client"] for fact in connected} == {wire.client_id(BADGE, key)}
    assert [fact.get("remote") for fact in run.facts].count("incident") == 1
