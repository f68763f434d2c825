"""The end of the badge's certificate is told a month ahead, and when it has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from badge.core.wearer import reasons
from nabij.centre.register import pki
from nabij.paths import StatePaths
from nabij.virtual.badge import Run, Scenario, run_fast
from tests.sim.lives import at, felt, said, told
from tests.worlds import BADGE, Site

CERTIFICATE = next(one.number for one in reasons.TABLE if one.name == "certificate")
# What the network tells 8 s after the start.
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lived(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch, before_end: timedelta) -> Run:
    """A badge whose certificate ends so long after now."""
    monkeypatch.setattr(pki, "VALID_TO", NOW + before_end)
    issued = pki.Authority.open(StatePaths(site.state).pki).issue_badge(BADGE)
    provision = site.provision_with(folder / "provision", {"shift_test": False})
    (provision / "badge.der").write_bytes(issued.certificate_der)
    (provision / "badge.key.der").write_bytes(issued.key_der)
    return run_fast(
        Scenario(
            duration_ms=40_000,
            provision=provision,
            modem=site.modem(time_utc=NOW.strftime("%y/%m/%d,%H:%M:%S+00")),
            events=[at(30_000, "press", button="left", ms=120)],
        )
    )


def reasons_told(run: Run) -> list[int]:
    return [fact["reason"] for fact in told(run, "technical")]


@pytest.mark.requirement("R07")
@pytest.mark.parametrize(
    "before_end", [timedelta(days=30) - MINUTE, timedelta(days=29), MINUTE, -timedelta(days=1)]
)
def test_an_end_within_a_month_or_past_is_felt_answered_and_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before_end: timedelta
) -> None:
    run = lived(site, tmp_path, monkeypatch, before_end)
    assert "LIMITED" in felt(run)
    (answer,) = said(run, "protected")
    assert answer.fields["verdict"] == "limited"
    assert answer.fields["why"] == "certificate"
    assert reasons_told(run) == [CERTIFICATE]


@pytest.mark.parametrize("before_end", [timedelta(days=30) + MINUTE, timedelta(days=31)])
def test_an_end_more_than_a_month_ahead_is_told_to_nobody(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before_end: timedelta
) -> None:
    run = lived(site, tmp_path, monkeypatch, before_end)
    assert "LIMITED" not in felt(run)
    assert [answer.fields["verdict"] for answer in said(run, "protected")] == ["yes"]
    assert reasons_told(run) == []
