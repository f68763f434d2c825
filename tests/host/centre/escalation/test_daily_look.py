"""Plans are looked over daily beside the calling of people, which never waits for it."""

import asyncio

import pytest

from nabij.centre.escalation import plan_file, plan_look, plan_rows
from nabij.centre.escalation.daily_look import DailyLook
from nabij.paths import StatePaths
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World
from tests.host.centre.escalation.rig import Rig, plan

pytestmark = pytest.mark.usefixtures("each_engine")
ONE = {"desk": {"phone": "json://127.0.0.1:9/desk"}}
# Nobody answers by it.
GOOD = plan(ONE, "{ after_s = 0, whom = 'desk' }", "after_s = 9, whom = 'desk'")
TEXT = plan(ONE, "", "after_s = 0, whom = 'desk'").replace("https://alarm.example.org", "")


def test_a_plan_with_a_fault_is_said_once_a_day(world: World) -> None:
    with Rig(world, TEXT) as rig:
        daily = DailyLook(rig.uses, StatePaths(world.folder))
        for said in (1, 1, 1, 2):
            asyncio.run(daily.look())
            assert len([one for one in rig.said if "has no link" in one]) == said
            world.clock.wait(8 * 3600)


def test_a_look_that_takes_too_long_is_ended_and_said(world: World) -> None:
    with Rig(world, TEXT) as rig:
        asyncio.run(DailyLook(rig.uses, StatePaths(world.folder), limit_s=0.01).look())
        [said] = rig.said
        assert "not looked over within 0.01 s" in said


def test_without_plans_no_process_is_begun_for_it(world: World) -> None:
    with Rig(world, "") as rig:
        asyncio.run(DailyLook(rig.uses, StatePaths(world.folder), limit_s=0).look())
        assert rig.said == []


@on_sqlite
def test_a_change_is_looked_over_at_once_and_what_was_found_is_kept(world: World) -> None:
    with Rig(world, TEXT) as rig:
        daily = DailyLook(rig.uses, StatePaths(world.folder))
        asyncio.run(daily.look())
        found = world.store.read(plan_look.read).found
        assert [one for one in found if "has no link" in one]
        rig.said.clear()
        world.store.write(lambda one: plan_rows.replace(one, plan_file.read(GOOD)))
        assert not world.store.read(plan_look.read).is_current
        # Another receiver looks, which was not told.
        asyncio.run(DailyLook(rig.uses, StatePaths(world.folder)).look())
        assert world.store.read(plan_look.read).found == ()
        asyncio.run(daily.look())
        assert rig.said == []
