"""Two receivers that share a database: whoever lost the duty meanwhile sends nothing."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from nabij.centre.database.duties import WATCHING
from nabij.centre.database.place import parsed
from nabij.centre.database.postgresql import Use
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import KEY, World, message
from tests.host.centre.escalation.rig import Rig, State, Webhook, plan
from tests.host.centre.postgres import Postgres

Result = TypeVar("Result")


@dataclass
class LosingStore:
    """A store whose connection ends after its first transaction; `other` has the duty then."""

    store: Store
    url: str
    other: Store
    writes: int = 0

    def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        found = self.store.write(work)
        self.writes += 1
        if self.writes == 1:
            _end(self.url, self.store)
            assert self.other.has_duty(WATCHING)
        return found

    read = write


def _end(url: str, store: Store) -> None:
    pid = store.read(lambda held: held.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    with sa.create_engine(parsed(url), poolclass=sa.NullPool).connect() as admin:
        admin.execute(sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})


def test_what_a_round_found_before_the_duty_was_lost_is_not_sent(
    tmp_path: Path, server: Postgres
) -> None:
    url, hook = server.new_schema(), Webhook()
    one, two = (Store(StatePaths(tmp_path / name), url, Use.SEVERAL) for name in "12")
    world = World(tmp_path / "file")
    world.close()
    one.enrol(BadgeRecord("anna", KEY, "CN=anna", "A. de Vries", 0))
    world.store = one
    text = plan(
        {one: {"sms": hook.url(one)} for one in ("smit", "desk")},
        '{ after_s = 0, whom = "smit" }',
        'after_s = 0, whom = "desk"',
    )
    with (
        contextlib.closing(one),
        contextlib.closing(two),
        contextlib.closing(hook),
        Rig(world, text) as rig,
    ):
        assert one.has_duty(WATCHING)
        world.take(message(kind=SOS))
        rig.happens()
        losing = LosingStore(one, url, two)
        rig.uses = replace(rig.uses, store=losing)  # type: ignore[arg-type]
        rig.restart()
        with pytest.raises(StoreError):
            rig.look()
        assert losing.writes > 1
        assert rig.states() == [State.WAITING] * 2
        assert hook.got == []
