"""The motion around an alarm on its way to the receiver, from the fall to the last piece."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.codec.motion_piece import Piece, decode_piece
from badge.core.detector import detect, params
from badge.core.settings import config
from nabij.data import traces
from nabij.data.alarm_bundle import AlarmBundle
from nabij.data.alarm_window import parse_window
from nabij.detector import decide
from nabij.replay import run as replay
from nabij.replay.settings import Settings
from nabij.virtual.badge import Run, Trace, run_fast
from nabij.virtual.body_model import Body, Samples
from tests.sim.lives import assert_the_same_to_a_bystander, at, said, scenario, squeeze, tap, told
from tests.worlds import Site

BODY = Body()
FALL = (BODY.walking(25), BODY.standing(3), BODY.fall(), BODY.lying(60))
START_MS = 10_000
FELL_MS = START_MS + 28_000
LENGTH_MS = FELL_MS + 60_000
PARAMS = decide.params_of(config.defaults())
ON = {"motion_upload": True}
# Who lies there after a cancel is an alarm of its own.
FALLS_ONLY = {"tilt_alarm": False, "rest_alarm": False}


def fallen(
    site: Site,
    tmp_path: Path,
    *events: dict[str, Any],
    settings: dict[str, Any] | None = None,
    modem: dict[str, Any] | None = None,
    moves: Sequence[Samples] = FALL,
    length_ms: int = LENGTH_MS,
) -> Run:
    """Whoever wears it walks, stands for a moment, falls and stays down."""
    path = traces.write_sim_trace(tmp_path / "trace", np.concatenate(moves))
    modem = {**(modem or {})}
    modem["remote"] = {"observe_frames": True, **modem.pop("remote", {})}
    number = len(list(tmp_path.iterdir()))
    chosen = {"shift_test": False, **ON, **(settings or {})}
    run = run_fast(
        scenario(
            site,
            length_ms,
            provision=site.provision_with(tmp_path / f"provision{number}", chosen),
            modem=modem,
            events=list(events),
            trace=Trace(path, start_ms=START_MS),
        )
    )
    assert not said(run, "supervisor.crash")
    assert run.exit_codes[-1] == 0
    return run


def pieces(run: Run, site: Site) -> list[tuple[int, Piece]]:
    """When each came to the server, in ms, and what it was."""
    key = bytes.fromhex(site.modem()["remote"]["hmac_key"])
    return [
        (int(fact["t_ms"]), decode_piece(bytes.fromhex(fact["hex"]), lambda _: key))
        for fact in told(run, "motion")
    ]


def frames(run: Run, site: Site) -> list[wire.AlarmMessage]:
    """The first frame of each alarm."""
    key = bytes.fromhex(site.modem()["remote"]["hmac_key"])
    found: dict[tuple[int, int], wire.AlarmMessage] = {}
    for fact in told(run, "frame"):
        alarm = wire.decode_alarm(bytes.fromhex(fact["hex"]), lambda _: key)
        found.setdefault((alarm.boot, alarm.seq), alarm)
    return list(found.values())


def whole(run: Run, site: Site) -> bytes:
    """The window, as the pieces have it."""
    found = {piece.offset: piece.data for _, piece in pieces(run, site)}
    data = b"".join(found[offset] for offset in sorted(found))
    [kept] = told(run, "motion_kept")
    assert zlib.crc32(data) == kept["crc"]
    return data


def silent(what: str, total: int) -> Callable[[], object]:
    """Nobody hears how far it is."""
    return replay.silent(what, total)


def decisions(run: Run) -> list[tuple[int, int, int]]:
    """The sample, the bits, and how long after the impact, as the badge logged them."""
    bits = {"fall": 2, "confirmed": 4, "recovered": 8, "rejected": 16}
    return sorted(
        (int(event.fields["sample"]), bit, int(event.fields["since_impact_ms"]))
        for name, bit in bits.items()
        for event in said(run, f"motion.{name}")
    )


def test_a_fall_is_replayed_from_what_came_as_the_badge_decided(
    site: Site, tmp_path: Path
) -> None:
    assert_replayed(site, tmp_path, fallen(site, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("bundle", ["fallalld", "sisfall"])
def test_a_recorded_fall_is_replayed_as_the_badge_decided(
    site: Site, tmp_path: Path, data_dir: Path, bundle: str
) -> None:
    """The first one of each set that is found to be a fall."""
    rows = [row for row in traces.index(data_dir / bundle) if row["is_fall"] == "1"]
    for row in rows[:40:4]:
        acc = traces.load_row(data_dir / bundle, row).at_badge_rate().samples
        if decide.falls(decide.decide(acc, PARAMS), len(acc)):
            break
    # Whoever lies there goes on breathing.
    still = np.tile(np.concatenate([acc[-104:], acc[-104:][::-1]]), (40, 1))
    run = fallen(site, tmp_path, moves=[BODY.walking(25), acc, still])
    assert_replayed(site, tmp_path, run)


def assert_replayed(site: Site, tmp_path: Path, run: Run) -> None:
    """Of what came, each engine that can decides as the badge logged it, and for its reasons."""
    [incident] = [one for one in frames(run, site) if one.kind == kinds.MAN_DOWN]
    window = parse_window(f"{incident.boot}-{incident.seq}.nbm", whole(run, site))
    assert window.seen is not None
    assert window.seen.params_crc == zlib.crc32(PARAMS.tobytes())
    AlarmBundle(tmp_path / "bundle").add(window, "man_down")
    loaded = replay.load([tmp_path / "bundle"], silent)
    shipped = Settings("neck", config.defaults())
    logged = decisions(run)
    for engine in ("numba", "viper"):
        [outcome] = replay.replay(loaded, shipped, engine, silent).outcomes
        # What comes later than the window the replay makes of its last second.
        found = [one for one in outcome.events if one.at <= len(window.samples)]
        assert [one.bits for one in found][:1] == [detect.EV_FALL]
        start = logged[0][0] - found[0].at
        assert start % detect.BLOCK_SAMPLES == 0
        seen = [(one.at + start, one.bits, (one.at - one.anchor) * 1000 // 104) for one in found]
        assert len(seen) >= 2
        assert seen == [one for one in logged if one[0] - start <= len(window.samples)]
        assert found[0].words is not None
        tilt_deg = params.degrees_of(int(found[0].words[detect.S_TILT_COS]))
        assert (found[0].peak_mg, tilt_deg) == (incident.peak_mg, incident.tilt_deg)


def test_it_goes_after_the_receipt_and_one_piece_at_a_time(site: Site, tmp_path: Path) -> None:
    run = fallen(site, tmp_path)
    sent = pieces(run, site)
    received = said(run, "alarm.status", state="RECEIVED")[0].ticks_ms
    assert sent[0][0] > received
    assert [piece.offset for _, piece in sent] == sorted({piece.offset for _, piece in sent})
    apart_ms = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(sent)]
    # Each waits for the answer to the one before: a round trip.
    assert min(apart_ms) >= 200
    assert sent[-1][0] - sent[0][0] < 30_000
    assert len(sent) * 120 < 6 * 104 * 25


def test_it_is_off_unless_somebody_has_chosen_it(site: Site, tmp_path: Path) -> None:
    run = fallen(site, tmp_path, settings={"motion_upload": False})
    assert told(run)
    assert said(run, "motion.stored")
    assert not told(run, "motion")


def test_through_losses_and_a_broken_connection_it_goes_on_where_it_was(
    site: Site, tmp_path: Path
) -> None:
    hang_up = at(FELL_MS + 30_000, "modem", what="hang_up")
    run = fallen(site, tmp_path, hang_up, modem={"loss": 0.2}, length_ms=LENGTH_MS + 60_000)
    assert whole(run, site)
    assert len(told(run, "connected")) == 2
    offsets = [piece.offset for _, piece in pieces(run, site)]
    assert len(offsets) <= len(set(offsets)) + 2
    assert [event.fields["bytes"] for event in said(run, "motion.sending")] == [
        str(pieces(run, site)[0][1].total)
    ]


def test_after_a_restart_it_is_sent_from_flash(site: Site, tmp_path: Path) -> None:
    run = fallen(site, tmp_path, at(FELL_MS + 30_000, "brownout"), length_ms=LENGTH_MS + 60_000)
    assert len(said(run, "motion.sending")) == 2
    assert said(run, "motion.uploaded")
    data = whole(run, site)
    [incident] = [one for one in frames(run, site) if one.kind == kinds.MAN_DOWN]
    assert parse_window(f"{incident.boot}-{incident.seq}.nbm", data).samples
    assert {(piece.boot, piece.seq) for _, piece in pieces(run, site)} == {
        (incident.boot, incident.seq)
    }


def test_a_squeeze_meanwhile_goes_first(site: Site, tmp_path: Path) -> None:
    pressed_ms = FELL_MS + 28_000
    run = fallen(site, tmp_path, squeeze(pressed_ms))
    (sos,) = said(run, "alarm.opened", kind="sos")
    (received,) = said(run, "alarm.status", kind="sos", state="RECEIVED")
    times = [at_ms for at_ms, _ in pieces(run, site)]
    assert times[0] < pressed_ms
    # Half a round trip after it was pressed at the latest nothing comes, until it was received.
    assert not [one for one in times if pressed_ms + 200 < one < received.ticks_ms]
    assert received.ticks_ms - sos.ticks_ms < 1500
    assert whole(run, site)


def test_where_somebody_lies_is_looked_for_before_it_is_sent(site: Site, tmp_path: Path) -> None:
    run = fallen(site, tmp_path, settings={"gnss": True}, length_ms=LENGTH_MS + 90_000)
    (received, *_) = said(run, "alarm.status", state="RECEIVED")
    (began,) = said(run, "gnss.on")
    # Five seconds in which nothing is said, and a second to notice.
    assert began.ticks_ms - received.ticks_ms < 8_000
    assert said(run, "gnss.off", why="fix")
    assert whole(run, site)


@pytest.mark.parametrize("ways", ["none", "refused"])
def test_a_receiver_that_does_not_take_it_is_soon_left_alone(
    site: Site, tmp_path: Path, ways: str
) -> None:
    run = fallen(site, tmp_path, modem={"remote": {"motion": ways}}, length_ms=LENGTH_MS + 100_000)
    assert len(pieces(run, site)) == (3 if ways == "none" else 1)
    assert said(run, "motion.unanswered" if ways == "none" else "motion.not_taken")


@pytest.mark.parametrize(
    ("events", "settings"),
    [
        pytest.param(tap(FELL_MS + 8000, "left", 2), FALLS_ONLY, id="cancelled"),
        pytest.param(tap(FELL_MS + 8000, "right", 2), FALLS_ONLY, id="cancelled-under-duress"),
        pytest.param([squeeze(FELL_MS + 8000)], FALLS_ONLY, id="sos"),
        pytest.param([at(FELL_MS, "battery", percent=14)], {}, id="battery"),
    ],
)
def test_what_is_nobodys_business_or_too_dear_is_not_sent(
    site: Site, tmp_path: Path, events: list[dict[str, Any]], settings: dict[str, Any]
) -> None:
    run = fallen(site, tmp_path, *events, settings=settings)
    assert said(run, "motion.stored")
    assert not pieces(run, site)


def test_a_false_alarm_and_one_under_duress_send_the_same(site: Site, tmp_path: Path) -> None:
    plain, forced = (
        fallen(site, tmp_path, *tap(FELL_MS + 27_000, button, 2)) for button in ("left", "right")
    )
    assert_the_same_to_a_bystander(plain, forced, FELL_MS)
    flags = [told(run, "update")[-1]["flags"] for run in (plain, forced)]
    assert flags == [wire.FLAG_FALSE_ALARM, wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS]
    one, other = (pieces(run, site) for run in (plain, forced))
    assert [len(piece.data) for _, piece in one] == [len(piece.data) for _, piece in other]
    assert len(one) > 20


def test_flash_that_does_not_give_it_back_costs_nothing_else(site: Site, tmp_path: Path) -> None:
    broken = at(FELL_MS + 20_500, "flash_error", kind="read", for_ms=60_000)
    run = fallen(site, tmp_path, broken)
    assert said(run, "alarm.status", state="RECEIVED")
    assert not told(run, "motion_kept")
