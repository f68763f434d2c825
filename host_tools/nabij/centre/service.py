"""The receiver as a whole: database, broker and link, started and stopped in order."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Self

from nabij.centre.clocks import Clock
from nabij.centre.database.lock import FolderLock
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.database.retention import DEFAULT_DAYS
from nabij.centre.escalation import calling
from nabij.centre.health.disk import Disk
from nabij.centre.health.health import Health
from nabij.centre.health.look import Parts
from nabij.centre.health.outside import check_url
from nabij.centre.health.status import Status
from nabij.centre.incidents import alive
from nabij.centre.incidents.handling import Owed
from nabij.centre.incidents.news import News
from nabij.centre.incidents.quotas import Quotas
from nabij.centre.link.access import Access, OwnAccess, Place, SharedAccess
from nabij.centre.link.broker import Broker
from nabij.centre.link.heard_places import HearsPlaces, Nowhere
from nabij.centre.link.intake import Intake
from nabij.centre.link.link import Link, Uses
from nabij.centre.link.oddities import Oddities
from nabij.centre.link.old_session import OldSession
from nabij.centre.link.presence import Presence
from nabij.centre.link.prober import Prober
from nabij.centre.link.set_aside import SetAside
from nabij.centre.listeners import Listeners
from nabij.centre.recurring import Job, Part, RecurringJob
from nabij.centre.register.enrol import DEFAULT_PORT, hosts_in
from nabij.centre.register.pki import check_host
from nabij.centre.store import Store, store_once_free
from nabij.centre.watch.claims import ClaimWatch
from nabij.centre.watch.connections import ConnectionWatch
from nabij.centre.watch.deadlines import GRACE_S, Backlog, ReadsTime
from nabij.centre.watch.duty import Duty, Terms, Watches
from nabij.centre.watch.probe import ProbeWatch
from nabij.centre.watch.quiet import DEFAULT_MIN, LOOK_EVERY_S, check_minutes
from nabij.centre.watch.requests import RequestWatch
from nabij.centre.worker import LoopThread, Worker
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths, full_disk, gone_after_a_failure, make_folder

ENROLMENT_POLL_S: Final = 0.5
# Jobs and links finish what they are at; the longest is a database that somebody else has locked.
STOP_S: Final = 15.0
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104

_log = logging.getLogger("nabij.receiver")


class Receiver:
    """Takes the alarms of enrolled badges: `with Receiver(state) as receiver: ...`.

    `listen` is the seam for all that follows: each listener, by a name of its own, is told of all
    that happens to alarms after it is in the database, where it was when it stopped, at least
    once, on a thread of its own. `link_port` is where the receiver itself meets the broker, when
    that is not where it listens for it. `grace_s` is how long a deadline that came due meanwhile
    waits for its badge, `keep_days` how long transmissions are kept, `quiet_min` how long a badge
    on shift may be away. `quotas` is how many incidents a badge may make in 10 minutes, None for
    any number; `reserve_bytes` are kept on the disk, to be given up when it is full. `health_port`
    answers on this machine how the receiver is, `ping_url` is asked for as long as alarms arrive,
    `answer_port` of this machine takes what people answer by links. `database` is the URL of a
    server with the records, None for the one given before, or a file. `brokers` are URLs of such
    as run by themselves, in place of our own: any number of receivers share them and the database;
    `pki` has what they let us in with, None for the state folder's.
    """

    def __init__(
        self,
        state: Path,
        *,
        port: int = DEFAULT_PORT,
        host: str | None = None,
        addresses: Sequence[str] = (),
        listen: str = "127.0.0.1",
        say: Callable[[str], None] = _log.warning,
        link_port: int | None = None,
        grace_s: float = GRACE_S,
        keep_days: int = DEFAULT_DAYS,
        quiet_min: int = DEFAULT_MIN,
        quotas: Quotas | None = None,
        reserve_bytes: int = 0,
        health_port: int | None = None,
        ping_url: str | None = None,
        answer_port: int | None = None,
        database: str | None = None,
        brokers: Sequence[str] = (),
        pki: Path | None = None,
        clock: ReadsTime | None = None,
    ) -> None:
        if host is not None:
            check_host(host)
        self.paths, self.port = StatePaths(state), port
        self._listeners = Listeners(say)
        names = (host, listen, *hosts_in(" ".join(addresses)))
        hosts = tuple(name for name in names if name and name not in EVERYWHERE)
        self._place = Place(listen, port, hosts, link_port)
        self._brokers = tuple(brokers)
        self._pki, self._say = pki, say
        self._terms = Terms(grace_s, keep_days, check_minutes(quiet_min))
        self._reserve_bytes = reserve_bytes
        self._quotas = quotas
        self._health_port = health_port
        self._ping_url = None if ping_url is None else check_url(ping_url)
        self._clock = clock or Clock()
        self._answer_port = answer_port
        self._database = database
        self._undo: list[Callable[[], object]] = []
        self._listeners.add(calling.NAME, lambda news: self._calling.hear(news))  # noqa: PLW0108
        self._parts: list[Part] = []
        self._also: list[Callable[[Receiver], Job]] = []
        self._watchers: list[Callable[[], None]] = []
        # Who lacks a permit, and who keeps where badges are; to be set before the start.
        self.lacks_permit: Callable[[str], bool] = lambda _badge: False
        self.location: HearsPlaces = Nowhere()

    @property
    def broker(self) -> Broker:
        """The broker of its own."""
        own = self._access.broker
        assert isinstance(own, Broker)  # noqa: S101 - those that are named are nobody's to ask
        return own

    def listen(self, name: str, hear: Callable[[News], object]) -> None:
        """Have `hear` told of all that happens; before the start. It may block, and may raise."""
        self._listeners.add(name, hear)

    def attach(self, part: Part) -> None:
        """Have it started last and stopped first, on the loop; before the start."""
        self._parts.append(part)

    def watch(self, look: Callable[[], None]) -> None:
        """Have `look` called on any thread when something changed that is no event."""
        self._watchers.append(look)

    def recur(self, job: "Callable[[Receiver], Job]") -> None:
        """Have that done too, over and over; before the start. What fails of it is in `look`."""
        self._also.append(job)

    def renew(self) -> None:
        """Make new certificates of our own for those that end soon."""
        self._access.renew()

    async def look(self) -> Status:
        """How the receiver is now."""
        return await self._health.look()

    def start(self) -> None:
        """Start all parts; NabijError, with nothing left running, when one does not start.

        Folders that were made for this start go again, unless others use them.
        """
        with gone_after_a_failure(self.paths.root, unless=self._in_use):
            try:
                self._start()
            except BaseException as error:
                full = full_disk(self.paths.root)
                self.stop()
                if full is not None and isinstance(error, NabijError):
                    raise NabijError(full) from error
                raise

    def stop(self) -> None:
        """Stop all parts in the reverse order; safe to call twice."""
        while self._undo:
            self._undo.pop()()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _in_use(self) -> bool:
        paths = self.paths
        knows_badges = paths.badges.exists() or paths.enrolments.exists()
        return knows_badges or FolderLock.is_held(paths.lock)

    def _start(self) -> None:
        make_folder(self.paths.root)
        self._disk = Disk(self.paths.reserve, self._say, self._reserve_bytes)
        self._disk.begin()
        self._undo.append(self._disk.end)
        self.store = self._open_store()
        self._undo.append(self.store.close)
        self.store.quotas = self._quotas
        self._access = self._make_access()
        self._oddities = Oddities(self.store, self._clock, tell=self.tell, say=self._say)
        self._build_watches()
        self.probes = ProbeWatch(time.monotonic)
        self.intake = Intake(
            self.store,
            self._clock,
            self._backlog,
            self._say,
            self._duty.spoke,
            proved=lambda token, kept: self.probes.taken(token, kept=kept),
            flooded=self.is_flooding,
            lacks_permit=self.lacks_permit,
            location=self.location,
        )
        self._access.start(self.intake)
        self._undo.append(self._access.stop)
        self._worker = Worker()
        self._undo.append(self._worker.close)
        uses = calling.Uses(
            self.store, self._clock, self._worker, self.tell, self._say, self.changed
        )
        self._calling = calling.Calling(uses, self.paths, self._answer_port)
        self._undo.append(partial(self._listeners.close, STOP_S))
        self._listeners.start(self.store, self._clock.now().wall_ms)
        self._build_links()
        self._loop = LoopThread()
        self._undo.append(self._loop.close)
        self._undo.append(self._end_links)
        self._loop.run(self._begin())

    def _open_store(self) -> Store:
        if self._brokers and self._database is None and place_of(self.paths).is_file:
            raise UsageError(
                "Receivers share brokers by --nats only when they share a database: give "
                "--database too, with the URL of a server."
            )
        use = Use.SEVERAL if self._brokers else Use.SOLE
        return store_once_free(self.paths, self._database, use)

    def _make_access(self) -> Access:
        if self._brokers:
            return SharedAccess(self.paths, self.store, self._brokers, self._pki, self._say)
        return OwnAccess(self.paths, self.store, self._place, self._say)

    def _build_watches(self) -> None:
        now = self._clock.now()
        self._backlog = Backlog(
            now, self.store.read(lambda connection: alive.last(connection, now))
        )
        begin = partial(Watches.begin, self.store, self._clock, self._terms, self.tell, self._say)
        self._duty = Duty(self.store, self._clock, begin, self._say)
        if not self._duty.take():
            self._say(
                "Another receiver watches deadlines and quiet badges: this one takes alarms, and "
                "watches when that one ends."
            )

    def _build_links(self) -> None:
        door = self._access.door
        uses = Uses(
            take=self.intake.take_all,
            tell=self.tell,
            set_aside=SetAside(self.paths.set_aside, self._say).take,
            up=self._link_is,
            back=self.probes.back,
            # Of disks of others nobody here knows, and their stream is not made anew.
            is_full=lambda: bool(self._brokers) or full_disk(self.paths.root) is not None,
            say=self._say,
            replicas=self._access.replicas,
        )
        self.link = Link(door("receiver"), self._worker, uses)
        self._old_session = OldSession(self.paths, self.link)
        self._prober = Prober(self.probes, self.link, self._access.broker, self._say)
        connections = ConnectionWatch(lambda: self._access.known, self._say, time.monotonic)
        self.presence = Presence(door("observer"), connections, self._came, self._is_twice)
        requests = RequestWatch(
            self.paths,
            self.store,
            self._worker,
            tell=self.tell,
            send=self._send,
            say=self._say,
            is_ours=lambda: self._duty.is_ours,
        )
        parts = Parts(
            folder=self.paths.root,
            store=self.store,
            worker=self._worker,
            link=self.link,
            presence=self.presence,
            probes=self.probes,
            disk=lambda: self._disk.sentence,
            troubles=self._troubles,
            location=self.location.sentence,
        )
        self._health = Health(parts, self._health_port, self._ping_url, self._say)
        one = self._duty.clock_job(self._worker) if self._brokers else self._old_session.job()
        also = (make(self) for make in self._also)
        jobs = (*self._all_jobs(requests), *self._health.jobs(), one, *also)
        self._jobs = [RecurringJob(job, self._say) for job in jobs]

    def _all_jobs(self, requests: RequestWatch) -> tuple[Job, ...]:
        run = self._worker.run
        return (
            self._prober.job(),
            self._duty.job(self._worker, self._backlog.look),
            self._duty.alone(ClaimWatch(self.store, self._clock, self.tell).job(self._worker)),
            requests.job(),
            *self._calling.jobs(self._duty.alone),
            self._prober.stream_job(),
            self._disk.job(),
            self._listeners.job(),
            Job(
                "nabij-enrol",
                ENROLMENT_POLL_S,
                lambda: run(self._access.look),
                "Enrolments wait",
                "Enrolments are taken in again.",
            ),
            Job(
                "nabij-connections",
                LOOK_EVERY_S,
                self._look_who_is_there,
                "Badges are not watched",
                "Badges are watched again.",
            ),
        )

    async def _begin(self) -> None:
        await self.link.start()
        self.presence.start()
        for job in self._jobs:
            job.start()
        await self._health.start()
        await self._calling.start()
        for part in self._parts:
            await part.start(self)

    def _end_links(self) -> None:
        try:
            self._loop.run(self._end(), STOP_S)
        except TimeoutError:
            self._say(
                f"A part of the receiver did not end within {STOP_S:g} s and is left behind; "
                "what came meanwhile is taken at the next start."
            )

    async def _end(self) -> None:
        self._old_session.end()
        for part in self._parts:
            await part.stop()
        await self._health.stop()
        for job in reversed(self._jobs):
            await job.stop()
        await self._calling.stop()
        await self.presence.stop()
        await self.link.stop()

    def is_flooding(self, badge: str) -> None:
        """For the worker's thread. A receiver without quotas takes all that comes."""
        if self._quotas is not None:
            self._oddities.flood(badge, lambda: self._access.hold_back(badge))

    async def _is_twice(self, badge: str, places: list[str]) -> None:
        await self._worker.run(partial(self._oddities.twice, badge, places))

    def _link_is(self, up: bool) -> None:  # noqa: FBT001 - the link's one argument
        (self._backlog.up if up else self._backlog.down)(self._clock.now())

    async def _send(self, owed: Owed) -> bool:
        """Publish what a badge has yet to be told; True when there is no more to do about it."""
        status = self.intake.status(owed)
        if status is None:
            return True
        return await self.link.publish(*status, kept=not self.intake.asks(owed.badge))

    def tell(self, _news: tuple[int, ...]) -> None:
        """Something happened: listeners are told of it. For any thread."""
        self._listeners.wake()

    def changed(self) -> None:
        """Something changed that is no event: those who watch look again. For any thread."""
        for look in self._watchers:
            look()

    def _troubles(self) -> tuple[str, ...]:
        return tuple(sentence for job in self._jobs for sentence in job.troubles)

    async def _came(self, badges: dict[str, int]) -> None:
        # The others ask for what they missed.
        older = {badge: at_ms for badge, at_ms in badges.items() if not self.intake.asks(badge)}
        if older and self._duty.is_ours:
            await self._worker.run(lambda: self.store.owe_again(older))

    async def _look_who_is_there(self) -> None:
        badges, watches = await self.presence.look(), self._duty.watches
        if watches is None:
            return
        # While the link is down a badge may have ended its shift without our knowing.
        if badges is not None and self.link.is_up():
            await self._worker.run(lambda: watches.quiet.look(badges, self._access.broker.starts))
        await self._worker.run(watches.quiet.check_sight)
