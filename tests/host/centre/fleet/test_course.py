"""What becomes of a badge in a job, by what it says of its slots and settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest

from nabij.acts.act import Request
from nabij.acts.update import Package
from nabij.centre.fleet import course, jobs
from nabij.centre.fleet.course import At
from nabij.centre.fleet.jobs import Step
from nabij.centre.fleet.order_line import OrderLine, OrderRefusedError
from nabij.settings.asked import Asked

NEW = Package("0.2", 7, 1, {"badge/app.mpy": b"new", "badge/log.mpy": bytes(700)})
OLD = "0" * 64


class Badge:
    """Answers orders out of a table, and keeps what it was asked; a refusal is a code."""

    def __init__(self, **answers: dict[str, Any] | str) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        yield

    async def ask(self, request: Request) -> dict[str, Any]:
        self.asked.append(request)
        answer = self.answers.get(request.verb.replace(".", "_"), {})
        if isinstance(answer, str):
            raise OrderRefusedError("anna", answer, "because")
        return answer

    def verbs(self) -> list[str]:
        return [request.verb for request in self.asked]


async def lasts(_certificate: bytes) -> bytes | None:
    """As long as any new one."""
    return None


def slots(running: str, then: str, **holds: tuple[str, str]) -> dict[str, Any]:
    rows = [[name, state, 1, "0.1", 0, print_] for name, (state, print_) in holds.items()]
    return {"running": running, "next": then, "floor": 1, "mpy": 1, "slots": rows}


def go_on(badge: Badge, step: Step, kept: list[Step] | None = None) -> Step:
    async def keep(one: Step) -> None:
        if kept is not None:
            kept.append(one)

    at = At(cast("OrderLine", badge), bytes(32), keep, lasts)
    return asyncio.run(course.go_on(course.update, at, NEW.to_json(), step))


@pytest.mark.parametrize(
    ("status", "tries", "state", "said"),
    [
        (slots("b", "b", a=("good", OLD), b=("good", NEW.fingerprint)), 1, jobs.DONE, ""),
        (
            slots("b", "b", a=("good", OLD), b=("good", NEW.fingerprint)),
            0,
            jobs.DONE,
            "it ran this already",
        ),
        (
            slots("b", "b", a=("good", OLD), b=("on trial", NEW.fingerprint)),
            1,
            jobs.TRIAL,
            "on trial: it has to run for a minute",
        ),
        (
            slots("a", "a", a=("good", OLD), b=("failed its trial", NEW.fingerprint)),
            1,
            jobs.FAILED,
            "this application did not work on it, and it went back",
        ),
        (
            slots("a", "a", a=("good", OLD), b=("good", OLD)),
            course.MOST_TRIES,
            jobs.FAILED,
            "it does not keep this application",
        ),
    ],
)
def test_what_a_badge_says_of_its_slots_decides(
    status: dict[str, Any], tries: int, state: str, said: str
) -> None:
    badge = Badge(update_status=status)
    after = go_on(badge, Step("anna", tries=tries))
    assert (after.state, after.said) == (state, said)
    assert badge.verbs() == ["update.status"]


def test_an_update_is_sent_from_where_the_badge_has_it_and_started() -> None:
    badge = Badge(
        update_status=slots("a", "a", a=("good", OLD), b=("empty", OLD)),
        update_begin={"slot": "b", "bytes": NEW.total_bytes},
        update_commit={"slot": "b"},
    )
    wants: Iterator[dict[str, Any]] = iter(
        [
            {"path": "badge/log.mpy", "offset": 512, "size": 700},
            {"path": None, "offset": 0, "size": 0},
        ]
    )

    class Next(Badge):
        async def ask(self, request: Request) -> dict[str, Any]:
            answer = await super().ask(request)
            return next(wants) if request.verb == "update.next" else answer

    badge = Next(**badge.answers)
    kept: list[Step] = []
    after = go_on(badge, Step("anna"), kept)
    sent = [request for request in badge.asked if request.verb == "update.data"]
    assert [(one.fields["offset"], len(one.data or b"")) for one in sent] == [(512, 188)]
    assert badge.verbs()[-2:] == ["update.commit", "reset"]
    # Kept before the badge tries it, lest it be tried for ever.
    assert [one.tries for one in kept] == [1]
    assert (after.state, after.tries) == (jobs.TRIAL, 1)


def test_one_that_may_not_restart_has_it_and_is_asked_again() -> None:
    there = slots("a", "b", a=("good", OLD), b=("on trial", NEW.fingerprint))
    badge = Badge(update_status=there, reset="order.shift")
    after = go_on(badge, Step("anna", tries=1))
    assert (after.state, after.said) == (jobs.WAITING, "its wearer is on shift")
    assert badge.verbs() == ["update.status", "reset"]


@pytest.mark.parametrize(
    ("code", "state", "said"),
    [
        ("order.alarm", jobs.WAITING, "an alarm is open"),
        ("update.alarm", jobs.WAITING, "an alarm is open"),
        ("order.battery", jobs.WAITING, "its battery is low"),
        ("slots.older", jobs.FAILED, "because"),
        ("usb.verb", jobs.FAILED, "its firmware is older than this order"),
    ],
)
def test_a_refusal_waits_when_it_is_only_of_now(code: str, state: str, said: str) -> None:
    badge = Badge(
        update_status=slots("a", "a", a=("good", OLD), b=("empty", OLD)), update_begin=code
    )
    after = go_on(badge, Step("anna"))
    assert (after.state, after.said) == (state, said)


def test_an_answer_that_makes_no_sense_is_the_badges_failure_and_nobody_elses() -> None:
    after = go_on(Badge(update_status={"slots": [["a"]]}), Step("anna"))
    assert (after.state, after.said) == (
        jobs.FAILED,
        "its answer is none that this release knows",
    )


def test_settings_that_no_badge_takes_together_are_not_sent() -> None:
    page: dict[str, Any] = {
        "profile": "discreet",
        "settings": {},
        "given": [],
        "next": None,
        "trial": "none",
        "why_not": "",
        "reverted": None,
    }
    badge = Badge(config_get=page)
    content = Asked("these", None, {"keepalive_s": 99_999}).to_json()

    async def keep(_step: Step) -> None:
        pass

    at = At(cast("OrderLine", badge), bytes(32), keep, lasts)
    after = asyncio.run(course.go_on(course.config, at, content, Step("anna")))
    assert after.state == jobs.FAILED
    assert badge.verbs() == ["config.get"]


def renewing(**said: object) -> dict[str, Any]:
    return {"certificate": "b2xk", "trial": False, "used": False, "back": "", **said}


@pytest.mark.parametrize(
    ("status", "tries", "state", "said", "verbs"),
    [
        (renewing(), 0, jobs.TRIAL, "it opens a session with it", ["renew.try"]),
        (renewing(trial=True), 1, jobs.TRIAL, "it ends its session to open one with it", []),
        (renewing(trial=True, used=True), 1, jobs.DONE, "", ["renew.keep"]),
        (
            renewing(back="link"),
            course.MOST_TRIES,
            jobs.FAILED,
            "it went back to the certificate it had: it was not let in with it",
            [],
        ),
        # An alarm came, and that is nobody's failure.
        (
            renewing(back="alarm"),
            course.MOST_TRIES,
            jobs.TRIAL,
            "it opens a session with it",
            ["renew.try"],
        ),
    ],
)
def test_a_certificate_is_kept_once_a_session_shows_it(
    status: dict[str, Any], tries: int, state: str, said: str, verbs: list[str]
) -> None:
    badge = Badge(renew_status=status)
    sent: list[bytes] = []

    async def keep(_step: Step) -> None:
        pass

    async def renewed(certificate: bytes) -> bytes | None:
        sent.append(certificate)
        return b"new"

    at = At(cast("OrderLine", badge), bytes(32), keep, renewed)
    after = asyncio.run(course.go_on(course.renew, at, b"", Step("anna", tries=tries)))
    assert (after.state, after.said) == (state, said)
    assert after.tries <= course.MOST_TRIES
    assert badge.verbs()[1:] == verbs
    assert set(sent) <= {b"old"}
