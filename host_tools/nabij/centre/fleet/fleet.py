"""Works off the jobs for badges, a few badges at a time, as a part of a receiver."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from nabij.centre import asking
from nabij.centre.database import duties
from nabij.centre.fleet import desk, jobs, renewals
from nabij.centre.fleet.course import COURSES, At, failed, go_on
from nabij.centre.fleet.jobs import Job, Step
from nabij.centre.fleet.order_line import OrderLine
from nabij.centre.recurring import Job as Recurring
from nabij.centre.recurring import RecurringJob
from nabij.centre.register.pki import Authority, lasts_longer
from nabij.centre.service import Receiver
from nabij.centre.store import BadgeRecord
from nabij.centre.worker import Worker

ROUND_S: Final = 1.0
STOP_S: Final = 10.0
Result = TypeVar("Result")


class Fleet:
    """Takes jobs in and works them off; `say` gets a sentence when one is over."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # Each knows the last number of its badge, which spares a round trip.
        self._lines: dict[tuple[str, bytes], OrderLine] = {}
        self._worker: Worker | None = None

    async def start(self, receiver: Receiver) -> None:
        """Begin."""
        self._receiver, self._store = receiver, receiver.store
        self._worker = Worker("nabij-fleet")
        round_ = Recurring(
            "nabij-fleet",
            ROUND_S,
            self.round,
            "Jobs for badges wait",
            "Jobs for badges are worked off again.",
        )
        self._rounds = RecurringJob(round_, self._say)
        self._rounds.start()

    async def stop(self) -> None:
        """End; what is under way goes on after the next start. Safe to call twice."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        await self._rounds.stop()
        await self._drop()
        worker.close(STOP_S)

    async def round(self) -> None:
        """Take in what was asked for, and begin with the badges whose turn it is."""
        self._collect()
        job = await self._run(self._look)
        if job is None:
            await self._drop()
            return
        there = await self._receiver.presence.look()
        if there is None or not self._receiver.link.is_up():
            return
        now_ms = _now_ms()
        busy = sum(one.state == jobs.TRIAL or one.badge in self._tasks for one in job.steps)
        for step in sorted(job.steps, key=lambda step: (step.state != jobs.TRIAL, step.due_ms)):
            if not step.is_open or step.badge not in there or step.badge in self._tasks:
                continue
            if step.due_ms > now_ms:
                continue
            if step.state == jobs.WAITING:
                if busy >= job.at_once:
                    continue
                busy += 1
            going = asyncio.create_task(self._go_on(job, step), name=f"nabij-fleet {step.badge}")
            self._tasks[step.badge] = going

    def _look(self) -> Job | None:
        """The job at work, if it is ours to do; on the worker's thread."""
        asking.take_in(desk.REQUESTS, self._receiver.paths, self._store, self._say)
        job = self._store.read(jobs.at_work)
        if job is None or not self._store.has_duty(duties.FLEET):
            return None
        state = self._store.write(lambda one: jobs.settle(one, job.id, _now_ms()))
        if state == jobs.RUNNING:
            return job
        self._say(_over(job, state))
        return None

    async def _go_on(self, job: Job, step: Step) -> None:
        records = await self._run(self._store.badges)
        record = next((one for one in records if one.badge == step.badge), None)
        if record is None or record.revoked_ms is not None:
            await self._keep(job, failed(step, "it was revoked"))
            return
        content = await self._run(lambda: self._store.read(lambda one: jobs.content(one, job.id)))
        who = record.badge, record.hmac_key
        line = self._lines.setdefault(who, OrderLine(self._receiver.link.client, *who))
        renewed = partial(self._renewed, record, content if job.kind == jobs.RENEW else b"")
        at = At(line, record.hmac_key, partial(self._keep, job), renewed)
        after = await go_on(COURSES[job.kind], at, content, step)
        await self._keep(job, replace(after, due_ms=_now_ms() + after.due_ms))

    async def _keep(self, job: Job, step: Step) -> None:
        noted = replace(step, changed_ms=_now_ms())
        await self._run(lambda: self._store.write(lambda one: jobs.note(one, job.id, noted)))

    async def _renewed(
        self, record: BadgeRecord, content: bytes, certificate: bytes
    ) -> bytes | None:
        signed = renewals.signed_for(content, record.badge)
        if signed is not None:
            return signed if lasts_longer(signed, certificate) else None
        pki = self._receiver.paths.pki
        return await self._run(lambda: Authority.open(pki).renewed(certificate, record.subject))

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._worker is None:
            raise asyncio.CancelledError
        return await self._worker.run(work)

    def _collect(self) -> None:
        """Let go of what has come to its end; raises what one died of, which is begun again."""
        ended = {badge: task for badge, task in self._tasks.items() if task.done()}
        for badge in ended:
            del self._tasks[badge]
        for task in ended.values():
            task.result()

    async def _drop(self) -> None:
        """A badge that is left in the middle is asked where it stands when it goes on."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()


def _over(job: Job, state: str) -> str:
    done, failures = job.count(jobs.DONE), [one for one in job.steps if one.state == jobs.FAILED]
    sentence = f"Job {job.id} ({job.kind}): {done} of {len(job.steps)} badges done"
    if failures:
        sentence += f", {len(failures)} failed ({failures[0].badge}: {failures[0].said})"
    if state == jobs.HALTED:
        return f"JOB HALTED, TOO MANY FAIL. {sentence}; see `nabij fleet status {job.id}`."
    return sentence + "."


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
