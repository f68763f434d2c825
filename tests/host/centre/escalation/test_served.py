"""From a badge to a person, through the whole receiver; killed while a message is on its way."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nabij.centre.register.enrol import enrol
from tests.host.centre.escalation.rig import Webhook, plan
from tests.host.centre.served import NABIJ, Served, nabij
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until

LAST = 'after_s = 1, whom = "desk", repeat_min = 1'


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


def served(state: Path, hook: Webhook) -> Served:
    people = {one: {"sms": hook.url(one)} for one in ("smit", "desk")}
    text = plan(people, '{ after_s = 0, whom = "smit" }', LAST)
    file = state.parent / "plans.toml"
    file.write_text(text)
    receiver = Served(state)
    assert receiver.line().startswith("Ready")
    kept = nabij("plan", "import", file, "--state", state)
    assert (kept.returncode, kept.stdout) == (0, "Kept: 1 plan, 2 people.\n"), kept.stderr
    return receiver


@pytest.mark.slow
def test_killed_while_it_calls_the_person_is_called_again_and_reads_so(
    tmp_path: Path, hook: Webhook
) -> None:
    state = tmp_path / "state"
    enrol(state, "anna", wearer="A. de Vries", host="127.0.0.1")
    receiver = served(state, hook)
    hook.gate.clear()
    receiver.alarm("anna", 1)
    wait_until(lambda: "/smit" in hook.paths())
    receiver.end(signal.SIGKILL)
    hook.gate.set()
    before = len(hook.got)
    answers = free_port()
    receiver = Served(state, "--answer-port", str(answers), port=receiver.port)
    wait_until(lambda: "/smit" in hook.paths()[before:])
    wait_until(lambda: "/desk" in hook.paths())
    again = hook.got[hook.paths().index("/smit", before)]
    assert "SOS: A. de Vries" in again["title"]
    assert "may have reached you before" in again["message"]
    assert "may have reached you before" not in hook.got[0]["message"]
    link = re.search(r"https://alarm\.example\.org(/answer/\S+)", again["message"])
    assert link is not None
    taken = httpx.post(f"http://127.0.0.1:{answers}{link[1]}/take", timeout=LONG_S)
    assert (taken.status_code, "It is yours" in taken.text) == (200, True)
    listed = nabij("incident", "list", "--state", state)
    assert "taken at" in listed.stdout
    assert "by Smit" in listed.stdout
    drill = subprocess.Popen(
        [*NABIJ, "drill", "yard", "--state", str(state)], stdout=subprocess.PIPE, text=True
    )
    wait_until(lambda: [one for one in hook.got if one["title"].startswith("DRILL")])
    [told, *_] = [one for one in hook.got if one["title"].startswith("DRILL")]
    assert "nobody is in need" in told["message"]
    output, _ = drill.communicate(timeout=LONG_S * 3)
    assert drill.returncode == 1
    assert "Smit, sms: sent in" in output
    assert output.endswith("NOBODY TOOK IT.\n")
    code, _, errors = receiver.end(signal.SIGTERM)
    assert code == 0
    assert "are sent again" in errors
