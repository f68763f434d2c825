"""Settings with a password in them: told to nobody, and kept when what was told comes back."""

import json
from typing import Any

from tests.mp import run_mp

RIG = """
import asyncio, json
from badge.core.settings.config import Config
from badge.tasks.usb.config_console import ConfigConsole

networks = "ward=very secret"
config = Config.from_dict({"wlan_networks": networks})

class Common:
    log = gate = None

class File:
    trial = reverted = None
    link_expected = False
    def settings(self):
        return {"wlan_networks": networks}
    def staged(self):
        return False
    def stage(self, settings, link_is_up):
        staged.append(settings)

class Gate:
    async def wait_open(self):
        pass
    def begin(self):
        pass
    def end(self):
        pass

class Log:
    def event(self, what, **fields):
        said.append([what, fields])

class Restart:
    pending = ""
    def soon(self, why):
        pass

staged, said = [], []
common = Common()
common.config, common.gate, common.log = config, Gate(), Log()
console = ConfigConsole(common, File(), Restart(), lambda: [], lambda: True, lambda: 0)

async def read():
    start, told = 0, {}
    while start is not None:
        page = await console.get({"start": start})
        told.update(page["settings"])
        start = page["next"]
    return told
"""


def answer(expression: str) -> Any:
    return json.loads(run_mp(f"{RIG}\nprint(json.dumps({expression}))"))


def test_the_networks_are_told_as_a_sign_that_there_are_some() -> None:
    told = answer("asyncio.run(read())")
    assert told["wlan_networks"] == "*"
    assert told["keepalive_s"] == 60


def test_the_sign_sent_back_leaves_them_and_other_text_replaces_them() -> None:
    sent = 'asyncio.run(console.stage({"settings": {"wlan_networks": "%s", "shift_min": 60}}))'
    kept, said = answer(f"({sent % '*'}, [staged[0], said])[1]")
    assert kept == {"wlan_networks": "ward=very secret", "shift_min": 60}
    assert "secret" not in json.dumps(said)
    (changed,) = answer(f"({sent % 'hall=another one'}, staged)[1]")
    assert changed["wlan_networks"] == "hall=another one"
