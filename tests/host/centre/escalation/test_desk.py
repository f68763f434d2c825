"""Plans kept by command, beside a running receiver or without one; and nothing of secrets."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre import asking
from nabij.centre.escalation import desk
from nabij.cli.app import app
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World
from tests.host.centre.escalation.plans import TEXT


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A receiver that was used and does not run."""
    World(tmp_path).close()
    return tmp_path


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--state", str(state)])


def kept(state: Path, text: str = TEXT) -> Path:
    file = state / "plans.toml"
    file.write_text(text)
    assert run(state, "plan", "import", str(file)).exit_code == 0
    return file


def test_plans_go_in_are_shown_and_come_out_without_secrets(state: Path) -> None:
    kept(state)
    checked = run(state, "plan", "check")
    assert (checked.exit_code, checked.stdout) == (0, "Nothing is wrong with the plans.\n")
    shown = run(state, "plan", "show", "--at", "2026-06-02T23:00+02:00").stdout
    assert "after 0 s  J. Smit: quiet hours" in shown
    assert "after 120 s  P. Jansen: push" in shown
    exported = run(state, "plan", "export").stdout
    assert 'sms = "kept"' in exported
    for text in (shown, exported):
        assert "localhost" not in text
    # What was exported can be changed and kept again, with the addresses that are known.
    kept(state, exported.replace("after_s = 60", "after_s = 61"))
    with_secrets = run(state, "plan", "export", "--secrets").stdout
    assert "json://localhost:9/sms" in with_secrets
    assert "after_s = 61" in with_secrets


def test_plans_with_a_fault_are_kept_only_when_that_is_wanted(state: Path) -> None:
    file = state / "plans.toml"
    file.write_text(TEXT.replace('link = "https://alarm.example.org:8443"', ""))
    refused = run(state, "plan", "import", str(file))
    assert refused.exit_code == 1
    assert "Plan yard has no link" in refused.stderr
    assert "There is no plan" in run(state, "plan", "show").stdout
    assert run(state, "plan", "import", str(file), "--accept").exit_code == 0
    checked = run(state, "plan", "check")
    assert checked.exit_code == 1
    assert "Plan yard has no link" in checked.stdout


def test_what_cannot_be_read_changes_nothing(state: Path) -> None:
    file = kept(state)
    file.write_text(TEXT.replace("after_s = 60", "after_s = 'soon'"))
    refused = run(state, "plan", "import", str(file))
    assert refused.exit_code == 2
    assert "after_s of steps 2 of plans.yard is not of the right sort" in refused.stderr
    assert "after 60 s" in run(state, "plan", "show", "--at", "2026-06-02T10:00+02:00").stdout


def test_beside_a_running_receiver_it_takes_them_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    said: list[str] = []
    try:
        text = TEXT.replace("after_s = 60", "after_s = 59")
        with pytest.raises(NabijError, match="has not taken this in"):
            desk.keep_plans(tmp_path, text, wait_s=0.2)
        [file] = StatePaths(tmp_path).plan_requests.iterdir()
        assert file.stat().st_mode & 0o077 == 0
        asking.take_in(desk.REQUESTS, StatePaths(tmp_path), world.store, said.append)
        assert not file.exists()
        (StatePaths(tmp_path).plan_requests / "x.json").write_text("{")
        asking.take_in(desk.REQUESTS, StatePaths(tmp_path), world.store, said.append)
        assert ["x.json" in one for one in said] == [True]
    finally:
        world.close()
    assert "after 59 s" in run(tmp_path, "plan", "show", "--at", "2026-06-02T10:00+02:00").stdout


def test_a_drill_needs_a_receiver_and_a_plan(state: Path) -> None:
    kept(state)
    nobody = run(state, "drill", "yard")
    assert (nobody.exit_code, "No receiver runs" in nobody.stderr) == (1, True)
    unknown = run(state, "drill", "night")
    assert (unknown.exit_code, "there are (yard)" in unknown.stderr) == (2, True)


def test_plans_are_kept_on_a_server_too(each_engine: str, tmp_path: Path) -> None:
    World(tmp_path).close()
    kept(tmp_path)
    kept(tmp_path, TEXT.replace("after_s = 60", "after_s = 58"))
    assert "after_s = 58" in run(tmp_path, "plan", "export").stdout
