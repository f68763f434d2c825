"""A gateway stands in the register, and is none of the badges that people wear."""

from pathlib import Path

import pytest

from nabij.centre.console import shifts_page
from nabij.centre.database.postgresql import Use
from nabij.centre.fleet import jobs
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.register.enrol import enrol
from nabij.centre.register.revoke import revoke
from nabij.centre.store import Store
from nabij.errors import UsageError
from nabij.paths import StatePaths


@pytest.fixture
def state(tmp_path: Path) -> Path:
    enrol(tmp_path, "badge-1")
    enrol(tmp_path, "hall", gateway=True)
    return tmp_path


def test_nobody_wears_it_and_no_job_is_for_it(state: Path) -> None:
    store = Store(StatePaths(state), use=Use.SOLE)
    assert store.badge_ids() == ["badge-1", "gw_hall"]
    shown = store.read(lambda one: shifts_page.build(one, lambda _wearer: True, 1))
    assert [one.badge for one in shown.items] == ["badge-1"]
    assert store.read(lambda one: jobs.check_badges(one, ())) == ["badge-1"]
    with pytest.raises(UsageError, match="gw_hall"):
        store.read(lambda one: jobs.check_badges(one, ("gw_hall",)))
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    with pytest.raises(UsageError, match="There is no badge gw_hall"):
        store.write(lambda one: assignments.hand_out(one, "gw_hall", anna.id, 1, "desk"))
    store.close()


def test_it_is_revoked_by_its_name(state: Path) -> None:
    revoke(state, "gw_hall")
    with pytest.raises(UsageError, match="No badge gw_hall is in use"):
        revoke(state, "gw_hall")
    with pytest.raises(UsageError, match="cannot be a badge id"):
        revoke(state, "x_hall")
