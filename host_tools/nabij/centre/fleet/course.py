"""How a job goes at one badge: asked where it stands each time, so that nothing need be kept."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from nabij.acts import renewal
from nabij.acts import settings as acts
from nabij.acts import update as acts_update
from nabij.acts.act import Act, Fields, Request, carried_by
from nabij.acts.renewal import Renewing
from nabij.acts.settings import OnBadge
from nabij.acts.update import NotKeptError, Package, SlotStatus
from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Step
from nabij.centre.fleet.order_line import (
    SETTINGS_BYTES,
    NoAnswerError,
    OrderLine,
    OrderRefusedError,
    RestartedError,
)
from nabij.errors import NabijError, UsageError
from nabij.settings import asked, config_file

# Soon enough for a trial, which lasts 3 minutes; and what waits for a wearer or a charger.
SOON_S: Final = 3.0
LATER_S: Final = 60.0
# How far a transfer is, for whoever looks.
KEPT_EVERY_S: Final = 5.0
# A badge that dropped what it was sent gets it once more.
MOST_TRIES: Final = 2
# What a badge refuses only just now, and what is said of that.
WAITS: Final = {
    "order.alarm": "an alarm is open",
    "order.battery": "its battery is low",
    "order.shift": "its wearer is on shift",
    "alarm.open": "an alarm is open",
    "update.alarm": "an alarm is open",
    "restart": "it is about to restart",
    "config.trial": "other settings are on trial",
    "config.unhealthy": "it is not well yet",
    "slots.trial": "another update is on trial",
    "renew.trial": "another certificate is on trial",
    "renew.session": "it opens a session with the new one",
}


_NO_SENSE: Final = (KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class At:
    """Where a course is at work: the badge's line and key, and what keeps how far it is.

    `renewed` gives the certificate after this one, None when that would last no longer.
    """

    line: OrderLine
    key: bytes
    keep: Callable[[Step], Awaitable[None]]
    renewed: Callable[[bytes], Awaitable[bytes | None]]

    async def do(self, act: Act[Any]) -> Any:
        """What comes of an act; OrderRefusedError, NoAnswerError or RestartedError."""
        return await carried_by(act, self.line.ask)


Course = Callable[[At, bytes, Step], Awaitable[Step]]


async def go_on(course: Course, at: At, content: bytes, step: Step) -> Step:
    """The next step of a badge, whatever it says or does not say."""
    try:
        async with at.line.open():
            return await course(at, content, step)
    except NoAnswerError:
        wait_s = SOON_S if step.state == jobs.TRIAL else LATER_S
        return later(step, "it does not answer", wait_s)
    except RestartedError:
        return later(step, "it has started anew", SOON_S)
    except (OrderRefusedError, NotKeptError, UsageError, *_NO_SENSE) as error:
        return _judged(step, error)


def _judged(step: Step, error: Exception) -> Step:
    """What follows from what a badge refused, or from what is wrong with its answer."""
    if isinstance(error, OrderRefusedError):
        if error.code in WAITS:
            return later(step, WAITS[error.code], LATER_S)
        old = "its firmware is older than this order" if error.code == "usb.verb" else ""
        return failed(step, old or error.why or error.code)
    if isinstance(error, NotKeptError):
        return failed(step, f"its flash does not keep {error.path}")
    if isinstance(error, UsageError):
        # What it has and what it is to have make settings that no badge takes.
        return failed(step, error.sentence)
    return failed(step, "its answer is none that this release knows")


def later(step: Step, why: str, wait_s: float) -> Step:
    """Nothing more now; asked again after so long."""
    return replace(step, said=why, due_ms=round(wait_s * 1000))


def failed(step: Step, why: str) -> Step:
    """It is over, and not as it was meant."""
    return replace(step, state=jobs.FAILED, said=why.rstrip("."), due_ms=0)


def done(step: Step, said: str = "") -> Step:
    """It is over, as it was meant."""
    return replace(step, state=jobs.DONE, said=said, due_ms=0)


async def config(at: At, content: bytes, step: Step) -> Step:
    """New settings: staged, tried for one start, confirmed once the badge is well with them."""
    now: OnBadge = await at.do(acts.read())
    wanted = asked.from_json(content).applied_to(now.given)
    is_wanted = not config_file.difference(now.given, wanted)
    if now.trial == "running" and is_wanted:
        if now.why_not:
            why = acts.WAITING.get(now.why_not, now.why_not)
            return later(replace(step, state=jobs.TRIAL), f"on trial: {why}", SOON_S)
        await at.do(acts.confirm())
        return done(step)
    if now.trial != "none":
        return later(step, "it tries settings", SOON_S)
    if is_wanted:
        return done(step, "" if step.tries else "it had these already")
    faults = config_file.examine(wanted)[1]
    if faults:
        return failed(step, faults[0].sentence)
    why_back = acts.WHY_BACK.get(now.reverted or "", "it did not keep them")
    if (step.tries and now.reverted is not None) or step.tries >= MOST_TRIES:
        return failed(step, f"it went back to the settings it had: {why_back}")
    # Kept first: what is sent twice is harmless, and without end it is not.
    sent = replace(step, state=jobs.TRIAL, tries=step.tries + 1, said="it restarts with them")
    await at.keep(sent)
    try:
        await at.do(acts.stage(wanted, SETTINGS_BYTES))
    except OrderRefusedError as error:
        if error.code in WAITS:
            return later(step, WAITS[error.code], LATER_S)
        raise
    return later(sent, sent.said, SOON_S)


async def update(at: At, content: bytes, step: Step) -> Step:
    """A new application: sent to the free slot, started, and good once the badge says so here."""
    package = acts_update.from_json(content)
    found: SlotStatus = await at.do(acts_update.slots())
    holding = [name for name, holds in found.holds.items() if holds == package.fingerprint]
    slot = holding[0] if holding else None
    if slot is not None and found.running == slot:
        if found.states[slot] == "good":
            return done(step, "" if step.tries else "it ran this already")
        said = "on trial: it has to run for a minute"
        return later(replace(step, state=jobs.TRIAL), said, SOON_S)
    if slot is not None and found.states[slot] == "failed its trial":
        return failed(step, "this application did not work on it, and it went back")
    if slot is None or found.next != slot:
        if step.tries >= MOST_TRIES:
            return failed(step, "it does not keep this application")
        step = await _send(at, package, step)
    # It runs from the next start on, also when nobody may ask for one now.
    after = replace(step, state=jobs.TRIAL, said="it restarts with it")
    await at.do(_restart())
    return later(after, after.said, SOON_S)


async def _send(at: At, package: Package, step: Step) -> Step:
    """All of the package, from where the badge has it; how far that is is kept now and then."""
    sent = replace(step, of_bytes=package.total_bytes, said="it is being sent")
    kept_s = time.monotonic()

    def progress(done_bytes: int, _of: int) -> None:
        nonlocal sent
        sent = replace(sent, done_bytes=done_bytes)

    async def ask(request: Request) -> Fields:
        nonlocal kept_s, sent
        if request.verb == "update.commit":
            sent = replace(sent, tries=sent.tries + 1)
        if request.verb == "update.commit" or time.monotonic() - kept_s >= KEPT_EVERY_S:
            await at.keep(sent)
            kept_s = time.monotonic()
        return await at.line.ask(request)

    await carried_by(acts_update.send(package, at.key, progress), ask)
    return sent


async def renew(at: At, _content: bytes, step: Step) -> Step:
    """A new certificate: shown in a session, and kept once the badge says so there."""
    now: Renewing = await at.do(renewal.look())
    if now.is_on_trial:
        if not now.is_used:
            after = replace(step, state=jobs.TRIAL)
            return later(after, "it ends its session to open one with it", SOON_S)
        await at.do(renewal.keep())
        return done(step)
    try:
        certificate = await at.renewed(now.certificate)
    except NabijError as error:
        return failed(step, error.sentence)
    if certificate is None:
        return done(step, "" if step.tries else "its certificate lasts as long as a new one")
    if step.tries >= MOST_TRIES and now.why_back != "alarm":
        why = renewal.WHY_BACK.get(now.why_back, "it did not keep the new one")
        return failed(step, f"it went back to the certificate it had: {why}")
    # One that an alarm ended says nothing of the certificate.
    tries = max(1, step.tries + (now.why_back != "alarm"))
    sent = replace(step, state=jobs.TRIAL, tries=tries, said="it opens a session with it")
    await at.keep(sent)
    try:
        await at.do(renewal.begin(certificate))
    except OrderRefusedError as error:
        if error.code in WAITS:
            return later(step, WAITS[error.code], LATER_S)
        raise
    return later(sent, sent.said, SOON_S)


def _restart() -> Act[None]:
    yield Request("reset")


COURSES: Final[dict[str, Course]] = {jobs.CONFIG: config, jobs.RENEW: renew, jobs.UPDATE: update}
