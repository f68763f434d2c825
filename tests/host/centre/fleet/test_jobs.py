"""Jobs for badges: whom they are for, when they halt, and what a restart finds of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Step, Wanted
from nabij.centre.people import audit
from nabij.centre.store import BadgeRecord, Store
from nabij.errors import UsageError
from nabij.paths import StatePaths

BADGES = ("anna", "bert", "carl", "dirk")


@pytest.fixture
def store(tmp_path: Path, each_engine: str) -> Iterator[Store]:
    assert each_engine
    store = Store(StatePaths(tmp_path))
    for badge in (*BADGES, "gone"):
        store.enrol(BadgeRecord(badge, bytes(32), f"CN={badge}", "", 1))
    store.revoke("gone", 2)
    yield store
    store.close()


def wanted(*badges: str, halt_percent: int = 25, request: str = "one") -> Wanted:
    return Wanted(request, jobs.CONFIG, "k=1", b"{}", badges, 2, halt_percent, "Jo", 5)


def begin(store: Store, job: Wanted) -> int:
    return store.write(lambda one: jobs.begin(one, job))


def end(store: Store, job_id: int, badge: str, state: str) -> str:
    store.write(lambda one: jobs.note(one, job_id, Step(badge, state)))
    return store.write(lambda one: jobs.settle(one, job_id, 9))


def test_a_job_for_all_is_for_those_that_are_in_use(store: Store) -> None:
    job_id = begin(store, wanted())
    job = store.read(lambda one: jobs.read(one, job_id))
    assert job is not None
    assert [step.badge for step in job.steps] == list(BADGES)
    assert store.read(lambda one: jobs.content(one, job_id)) == b"{}"
    # The same request, taken in twice by a receiver that died in between, is one job.
    assert begin(store, wanted()) == job_id
    [line] = store.read(audit.newest)
    assert (line.by, line.what, line.detail) == ("Jo", "fleet config", "k=1, 4 badges")


@pytest.mark.parametrize("badge", ["gone", "nobody"])
def test_a_badge_that_cannot_connect_is_named(store: Store, badge: str) -> None:
    with pytest.raises(UsageError, match=f"Badge {badge} is not enrolled"):
        begin(store, wanted("anna", badge))


def test_it_halts_when_too_many_of_those_that_are_through_have_failed(store: Store) -> None:
    job_id = begin(store, wanted(halt_percent=34))
    assert end(store, job_id, "anna", jobs.DONE) == jobs.RUNNING
    assert end(store, job_id, "bert", jobs.DONE) == jobs.RUNNING
    # A third of them is no more than 34 %.
    assert end(store, job_id, "carl", jobs.FAILED) == jobs.RUNNING
    first = begin(store, wanted(request="two"))
    assert end(store, first, "anna", jobs.FAILED) == jobs.HALTED
    job = store.read(lambda one: jobs.read(one, first))
    assert job is not None
    assert (job.state, job.ended_ms, job.count(jobs.WAITING)) == (jobs.HALTED, 9, 3)


def test_one_is_at_work_at_a_time_and_the_next_follows(store: Store) -> None:
    first, second = begin(store, wanted("anna")), begin(store, wanted("bert", request="two"))

    def at_work() -> int | None:
        job = store.read(jobs.at_work)
        return None if job is None else job.id

    assert at_work() == first
    assert end(store, first, "anna", jobs.DONE) == jobs.FINISHED
    assert at_work() == second
    store.write(lambda one: jobs.stop(one, second, "Jo", 7))
    assert at_work() is None
    with pytest.raises(UsageError, match=f"Job {second} is stopped already"):
        store.write(lambda one: jobs.stop(one, second, "Jo", 7))


def test_what_is_over_stays_as_it_ended(store: Store) -> None:
    job_id = begin(store, wanted("anna", "bert"))
    end(store, job_id, "anna", jobs.DONE)
    late = replace(Step("anna", jobs.WAITING), said="it does not answer")
    store.write(lambda one: jobs.note(one, job_id, late))
    job = store.read(lambda one: jobs.read(one, job_id))
    assert job is not None
    assert [step.state for step in job.steps] == [jobs.DONE, jobs.WAITING]


@pytest.mark.parametrize("ended", [jobs.STOPPED, jobs.FINISHED, jobs.HALTED])
def test_a_job_that_is_over_is_not_ended_again(store: Store, ended: str) -> None:
    job_id = begin(store, wanted("anna", "bert"))
    if ended == jobs.STOPPED:
        store.write(lambda one: jobs.stop(one, job_id, "Jo", 7))
    first = jobs.FAILED if ended == jobs.HALTED else jobs.DONE
    end(store, job_id, "anna", first)
    assert end(store, job_id, "bert", jobs.DONE) == ended
    lines = len(store.read(audit.newest))
    assert store.write(lambda one: jobs.settle(one, job_id, 99)) == ended
    job = store.read(lambda one: jobs.read(one, job_id))
    assert job is not None
    assert (job.state, len(store.read(audit.newest))) == (ended, lines)
