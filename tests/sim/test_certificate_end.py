"""The end of the badge's certificate is told a month ahead; another one waits for who presses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from badge.core.wearer import reasons
from nabij.centre.register import pki
from nabij.paths import StatePaths
from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.places import FIRMWARE
from tests.sim.lives import at, felt, said, squeeze, told
from tests.worlds import BADGE, Site

CERTIFICATE = next(one.number for one in reasons.TABLE if one.name == "certificate")
# What the network tells 8 s after the start.
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHANGED_MS = 30_000
# As an order of the centre does it (tasks/orders/renewal.py), with the same certificate anew.
CHANGES = f"""
        import asyncio
        from badge.assembly import link
        made, built = link.client_context, link.build
        others = []
        def context(*parts):
            others.append(made(*parts))
            return made(*parts)
        def build(*more):
            radio = built(*more)
            asyncio.create_task(change(radio.link))
            return radio
        async def change(link):
            await asyncio.sleep_ms({CHANGED_MS})
            link.change(others[0])
        link.client_context, link.build = context, build
"""


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


@pytest.mark.parametrize(
    ("events", "ends_ms"),
    [
        ([], CHANGED_MS),
        # It is held still when the other one comes: the squeeze may follow.
        ([at(CHANGED_MS - 1_000, "press", button="left", ms=4_000)], CHANGED_MS + 3_000),
        # An alarm is open, which nobody closes.
        ([squeeze(CHANGED_MS - 5_000)], None),
    ],
)
def test_a_session_ends_for_another_certificate_when_nobody_needs_it(
    site: Site, tmp_path: Path, events: list[Fact], ends_ms: int | None
) -> None:
    main = tmp_path / "main.py"
    first, second = (FIRMWARE / "main.py").read_text().split("\n        run(Board(), watchdog)")
    main.write_text(f"{first}{CHANGES}\n        run(Board(), watchdog){second}")
    provision = site.provision_with(tmp_path / "provision", {"shift_test": False})
    run = run_fast(
        Scenario(
            duration_ms=50_000,
            provision=provision,
            modem=site.modem(),
            events=events,
            main=main,
        )
    )
    ended_ms = [fact["t_ms"] for fact in told(run, "hung_up")]
    assert not said(run, "link.down")
    if ends_ms is None:
        assert ended_ms == []
    else:
        [ended] = ended_ms
        assert ends_ms < ended < ends_ms + 2_000
        assert len(said(run, "link.up")) == 2
