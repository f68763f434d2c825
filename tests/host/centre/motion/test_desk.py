"""`nabij incident motion`: out as a bundle that a replay takes, and who took it."""

import binascii
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.detector import params
from nabij.centre.database import people_schema
from nabij.centre.motion import pieces as kept
from nabij.centre.store import Store
from nabij.data.bundles import load_bundle
from nabij.paths import StatePaths
from nabij.settings import config_file
from tests.host.centre.deadline_world import START_MS, World, message
from tests.host.centre.motion.windows import SAMPLES, pieces, window
from tests.host.centre.served import nabij


def filled(state: Path, **change: Any) -> None:
    world = World(state)
    world.take(message(kind=kinds.MAN_DOWN))
    for piece in pieces(window(**change)):
        world.store.write(partial(kept.take, piece=piece, now_ms=START_MS))
    world.close()


def test_it_is_a_bundle_and_stands_in_the_audit(tmp_path: Path) -> None:
    filled(tmp_path / "state", _15=[7, 16384, 16000, 16884])
    given = ("--state", tmp_path / "state", "-o", tmp_path / "fall", "--by", "J. Smit", "--json")
    done = nabij("incident", "motion", "1", *given)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["bundle"], told["trial"]) == (str(tmp_path / "fall"), "anna-1-1")
    assert told["config"] is None
    [trial] = load_bundle(tmp_path / "fall").rows
    assert (trial.subject, trial.is_fall, trial.placement) == ("anna", True, "neck")
    assert (trial.samples == np.array(SAMPLES)).all()
    assert trial.extra["upright_y"] == "16000"
    store = Store(StatePaths(tmp_path / "state"))
    line = people_schema.audit.c
    mine = sa.select(line.what, line.incident_id).where(line.by == "J. Smit")
    found = store.read(lambda one: one.execute(mine).all())
    store.close()
    assert found == [("wrote out the motion", 1)]


def test_what_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    world = World(tmp_path / "state")
    world.take(message(kind=kinds.MAN_DOWN))
    world.close()
    given = ("--state", tmp_path / "state", "-o", tmp_path / "fall")
    none = nabij("incident", "motion", "1", *given)
    assert (none.returncode, none.stdout) == (1, "")
    assert "No motion of incident 1 is here" in none.stderr
    assert "motion_upload" in none.stderr
    other = nabij("incident", "motion", "2", *given)
    assert other.returncode == 2
    assert "There is no incident 2" in other.stderr
    filled(tmp_path / "more")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("x")
    wrong = nabij(
        "incident", "motion", "1", "--state", tmp_path / "more", "-o", tmp_path / "notes"
    )
    assert wrong.returncode == 2
    assert "no trace bundle" in wrong.stderr
    assert not (tmp_path / "fall").exists()


def test_it_says_by_which_shipped_configuration_the_badge_decided(tmp_path: Path) -> None:
    belt = params.build(config_file.require_file("belt:2"))
    filled(tmp_path / "state", _9=binascii.crc32(belt.tobytes()))
    given = ("--state", tmp_path / "state", "-o", tmp_path / "fall")
    done = nabij("incident", "motion", "1", *given)
    assert done.returncode == 0, done.stderr
    assert f"nabij replay {tmp_path / 'fall'} --config belt:2" in done.stdout.replace("\n", " ")
