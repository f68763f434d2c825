"""The keeper of the alarms when flash does not do its part."""

from tests.mp import run_mp

RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core import config
from badge.core.alarm_book import AlarmBook
from badge.core.outbox import Outbox
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.stall_gate import StallGate
class Journal:
    "Flash that fails until `works_from_ms`."
    primed = False
    tries = 0
    records = []
    works_from_ms = 0
    def _try(self):
        self.tries += 1
        if ticks_ms() < self.works_from_ms:
            raise OSError(5)
    def append(self, record_type, boot, seq, payload):
        self._try()
        self.records.append((boot, seq))
        self.primed = False
    def prime(self):
        self._try()
        self.primed = True
class Nothing:
    def event(self, what, **fields):
        pass
    def failure(self, what, error, **fields):
        pass
    def utc_s(self):
        return None
journal = Journal()
settings = config.defaults()
keeper = AlarmKeeper(
    AlarmBook(1), journal, Outbox(settings, lambda: 0), StallGate(lambda: False), None,
    settings, Nothing(), lambda pattern: None, Nothing())
async def main():
    asyncio.create_task(keeper.run(lambda: None))
    journal.works_from_ms = 60_000
    await asyncio.sleep_ms(1000)
    keeper.squeeze(ticks_ms())
    await asyncio.sleep_ms(50_000)
    print(len(keeper.open_alarms()), len(journal.records), journal.tries)
    await asyncio.sleep_ms(30_000)
    print(journal.records[:1])
asyncio.run(main())
"""


def test_an_alarm_that_flash_refused_is_stored_once_flash_works_and_tries_are_few() -> None:
    first, second = run_mp(RIG).splitlines()
    alarms, records, tries = (int(number) for number in first.split())
    assert (alarms, records) == (1, 0)
    assert tries <= 20
    assert second == "[(1, 1)]"
