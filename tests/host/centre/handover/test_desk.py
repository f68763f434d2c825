"""Alarm centres kept, shown and tried by command, beside a running receiver or without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.handover import handover
from nabij.centre.handover.handover import Handover
from nabij.centre.register.enrol import enrol
from nabij.cli.app import app
from tests.host.centre.deadline_world import World
from tests.host.centre.desk import Desk
from tests.host.centre.handover.live_arc import accounts, live_arc

TEXT = """
[arcs.north]
addresses = ["127.0.0.1:{port}"]
account = "1234"
key = "{key}"
[arcs.north.badges]
anna = 7
"""
KEY = "0123456789ABCDEF"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A receiver that was used and does not run."""
    World(tmp_path).close()
    return tmp_path


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["handover", *words, "--state", str(state)])


def file_of(state: Path, port: int) -> str:
    file = state / "arcs.toml"
    file.write_text(TEXT.format(port=port, key=KEY.encode().hex()))
    return str(file)


def test_centres_go_in_are_shown_and_come_out_without_the_key(state: Path) -> None:
    assert "There is no alarm centre" in run(state, "show").stdout
    kept = run(state, "import", file_of(state, 12128))
    assert (kept.exit_code, kept.stdout) == (0, "Kept: 1 alarm centre, told of 1 badge.\n")
    assert "has no back-up address" in kept.stderr
    assert "has no supervision" in kept.stderr
    exported = run(state, "export").stdout
    assert 'key = "kept"' in exported
    assert KEY.encode().hex() not in exported + run(state, "show", "--json").stdout
    # What was exported can be changed and kept again, with the key that is known.
    (state / "arcs.toml").write_text(exported.replace("anna", "bert"))
    again = run(state, "import", str(state / "arcs.toml"))
    assert again.exit_code == 0
    assert "Badge bert of arc north is not enrolled" in again.stderr
    assert "Badge anna is of no arc" in again.stderr


def test_a_file_with_a_mistake_changes_nothing(state: Path) -> None:
    run(state, "import", file_of(state, 12128))
    before = run(state, "export").stdout
    file = state / "arcs.toml"
    file.write_text(file.read_text().replace("1234", "12G4"))
    refused = run(state, "import", str(file))
    assert refused.exit_code == 2
    assert "3 to 16 of 0-9 and A-F" in refused.stderr
    assert run(state, "export").stdout == before


def test_a_test_needs_a_receiver_and_a_centre_of_that_name(state: Path) -> None:
    run(state, "import", file_of(state, 12128))
    assert "No receiver runs" in run(state, "test", "north").stderr
    unknown = run(state, "test", "south")
    assert unknown.exit_code == 2
    assert "There is no arc south" in unknown.stderr


def test_a_running_receiver_takes_centres_in_and_sends_a_test(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    handing = Handover(desk.receiver, desk.said.put)
    desk.receiver.listen(handover.NAME, handing.hear)
    desk.receiver.attach(handing)
    desk.receiver.recur(lambda _receiver: handing.job())
    with live_arc(accounts("1234", key=KEY)) as arc, desk.receiver:
        assert run(tmp_path, "import", file_of(tmp_path, arc.port)).exit_code == 0
        tried = run(tmp_path, "test", "north", "--by", "J. Smit", "--json")
        assert tried.exit_code == 0, tried.stderr
        assert json.loads(tried.stdout)["state"] == "acknowledged"
        assert arc.of("1234") == [("0001", "RX")]
        shown = run(tmp_path, "show")
        assert (shown.exit_code, "acknowledged" in shown.stdout) == (0, True)
        file = tmp_path / "requests" / "handover" / "0.json"
        file.write_text("{")
        desk.heard("is no request of nabij")
    assert not file.exists()
