"""What people set of SMS takes effect with or without a receiver, and stands in the audit."""

import queue
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from nabij.centre import asking
from nabij.centre.database.people_schema import audit
from nabij.centre.register.enrol import enrol
from nabij.centre.sms import desk, settings
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths
from tests.host.centre.sms.posting import SECRETS, URL

API_TOKEN = "b" * 32


def test_all_is_kept_without_a_receiver_and_audited_without_secrets(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    desk.keep_service(tmp_path, "twilio", URL, SECRETS["twilio"], None, "j.smit")
    desk.keep_number(tmp_path, "anna", "+31612345678", "j.smit")
    desk.keep_pin(tmp_path, "4711", "j.smit")
    kept = desk.read(tmp_path, settings.read)
    assert list(kept.services) == ["twilio"]
    assert kept.pin == "4711"
    assert desk.read(tmp_path, settings.numbers) == {"anna": "+31612345678"}
    desk.drop_service(tmp_path, "twilio", "j.smit")
    desk.keep_number(tmp_path, "anna", None, "j.smit")
    assert desk.read(tmp_path, settings.read).services == {}
    lines = desk.read(tmp_path, lambda one: one.execute(sa.select(audit)).mappings().all())
    said = str([dict(line) for line in lines])
    assert said.count("j.smit") == 5
    for secret in (SECRETS["twilio"], "4711", "+31612345678"):
        assert secret not in said


def test_a_running_receiver_takes_it_in_and_leaves_no_secret_in_a_file(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    paths = StatePaths(tmp_path)
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    store = Store(paths)
    try:
        values = {"pin": "4711", "by": "", "at_ms": 1}
        with pytest.raises(NabijError, match="has not taken this in"):
            asking.ask_for(desk.REQUESTS, paths, values, wait_s=0.2)
        [file] = paths.sms_requests.glob("*.json")
        assert file.stat().st_mode & 0o077 == 0
        (paths.sms_requests / "2.json").write_text('{"badge": "anna"}')
        (paths.sms_requests / "3.json").write_text('{"drop": "twilio", "by": "", "at_ms": 1}')
        asking.take_in(desk.REQUESTS, paths, store, said.put)
        assert store.read(settings.read).pin == "4711"
        assert not list(paths.sms_requests.glob("*"))
    finally:
        store.close()
    assert "no request of nabij" in said.get(timeout=1)
    assert "No service twilio" in said.get(timeout=1)


def test_by_command_no_secret_is_printed(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    token, send, pin = (tmp_path / name for name in ("token", "send", "pin"))
    token.write_text(SECRETS["twilio"] + "\nand more\n")
    send.write_text(f"twilio://AC{'a' * 32}:{API_TOKEN}@+15550000001/{{to}}\n")
    pin.write_text("4711\r\n")

    def run(*words: str) -> str:
        found = CliRunner().invoke(app, ["sms", *words, "--state", str(tmp_path)])
        assert found.exit_code == 0, found.output
        return found.output

    said = run(
        "set", "twilio", "--url", URL, "--secret-file", str(token), "--send-file", str(send)
    )
    assert "and sends receipts" in said
    said += run("number", "anna", "+31612345678") + run("pin", "--pin-file", str(pin))
    shown = run("show")
    assert f"twilio posts to {URL} and sends receipts." in shown
    assert "Badge anna: +31612345678" in shown
    assert "The last alarm by SMS came never" in shown
    said += shown + run("show", "--json") + run("pin", "--remove") + run("drop", "twilio")
    for secret in (SECRETS["twilio"], API_TOKEN, "4711"):
        assert secret not in said
    kept = desk.read(tmp_path, settings.read)
    assert (kept.services, kept.pin) == ({}, None)


def test_what_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    with pytest.raises(UsageError, match="telephone number"):
        desk.keep_number(tmp_path, "anna", "0612345678")
    with pytest.raises(UsageError, match="No badge bert"):
        desk.keep_number(tmp_path, "bert", "+31612345678")
    with pytest.raises(UsageError, match="4 to 8"):
        desk.keep_pin(tmp_path, "abc")
