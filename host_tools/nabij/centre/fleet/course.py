"""How a job goes at one badge: asked where it stands each time, so that nothing need be kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from nabij.acts import settings as acts
from nabij.acts.act import Act, carried_by
from nabij.acts.settings import OnBadge
from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Step
from nabij.centre.fleet.order_line import (
    SETTINGS_BYTES,
    NoAnswerError,
    OrderLine,
    OrderRefusedError,
    RestartedError,
)
from nabij.settings import asked, config_file

# Soon enough for a trial, which lasts 3 minutes; and what waits for a wearer or a charger.
SOON_S: Final = 3.0
LATER_S: Final = 60.0
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
}


@dataclass(frozen=True)
class At:
    """Where a course is at work: the badge's line and key, and what keeps how far it is."""

    line: OrderLine
    key: bytes
    keep: Callable[[Step], Awaitable[None]]

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
    except OrderRefusedError as error:
        if error.code in WAITS:
            return later(step, WAITS[error.code], LATER_S)
        if error.code == "usb.verb":
            return failed(step, "its firmware is older than this order")
        return failed(step, error.why or error.code)


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


COURSES: Final[dict[str, Course]] = {jobs.CONFIG: config}
