"""All of a receiver that calls people, as one part: it hears, has jobs, begins and ends."""

from collections.abc import Callable
from typing import Final

from nabij.centre.escalation import links, runner
from nabij.centre.escalation.answer_server import AnswerServer
from nabij.centre.escalation.daily_look import DailyLook
from nabij.centre.escalation.pages import AnswerPages
from nabij.centre.escalation.runner import Escalation
from nabij.centre.incidents.news import News
from nabij.centre.notify.sender import Sender
from nabij.centre.recurring import Job
from nabij.paths import StatePaths

NAME: Final = runner.NAME
Uses = runner.Uses


class Calling:
    """Calls people, and takes their answers on `answer_port`, unless that is None."""

    def __init__(self, uses: Uses, paths: StatePaths, answer_port: int | None) -> None:
        links.adopt(paths, uses.store)
        self._people = Escalation(uses, paths, Sender())
        self._daily = DailyLook(uses, paths)
        self._answers = AnswerServer(AnswerPages(uses), answer_port)

    def hear(self, news: News) -> None:
        """Something happened; for the listener's thread."""
        self._people.hear(news)

    def jobs(self, alone: Callable[[Job], Job]) -> tuple[Job, ...]:
        """What has to recur; `alone` makes a job one that a single receiver does."""
        people, answers = self._people, self._answers
        return alone(people.job()), alone(self._daily.job()), people.plans_job(), answers.job()

    async def start(self) -> None:
        """Take answers; NabijError when the port cannot be had."""
        await self._answers.start()

    async def stop(self) -> None:
        """End, after the jobs."""
        await self._answers.stop()
        await self._daily.stop()
        await self._people.stop()
