"""Who is let in: many who come at once are one change of the broker's list."""

from pathlib import Path

import pytest

from nabij.centre.link.admission import Admission
from nabij.centre.link.broker import Broker
from nabij.centre.link.intake import Intake
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.register.revoke import revoke
from nabij.centre.watch.deadlines import Backlog
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World
from tests.ports import free_port


def test_many_who_are_enrolled_or_revoked_meanwhile_are_one_reload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of many takes the broker seconds to read."""
    world = World(tmp_path)
    paths = StatePaths(tmp_path)
    authority = Authority.open_or_create(paths.pki)
    authority.ensure_server([])
    said: list[str] = []
    admission = Admission(paths, authority, world.store, said.append)
    intake = Intake(world.store, world.clock, Backlog(world.clock.now(), None))
    admission.write(intake)
    broker = Broker(paths, authority, port=free_port(), say=said.append)
    reloads: list[int] = []
    monkeypatch.setattr(Broker, "reload", lambda _broker: reloads.append(1))
    for number in range(30):
        enrol(tmp_path, f"b{number:02d}")
    revoke(tmp_path, "b07")
    admission.look(intake, broker)
    admission.look(intake, broker)
    world.close()
    assert len(reloads) == 1
    let_in = paths.broker_users.read_text()
    assert [f"nabij.b{n:02d}.up" in let_in for n in range(30)] == [n != 7 for n in range(30)]
    assert len(said) == 31
