"""Signed files by command, beside a running receiver and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from badge.core.alarm import kinds
from nabij.centre.console.shared import TOOK_FILE
from nabij.centre.handover.handover import Handover
from nabij.centre.people import audit
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.paths import StatePaths
from tests.host.centre.desk import Desk


def run(*words: object, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["incident", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def incident(desk: Desk) -> None:
    badge = desk.badge("anna")
    badge.connect()
    badge.send(1, kind=kinds.SOS)
    badge.wait_status(1, 60)
    badge.close()


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_files_go_out_and_are_verified_and_a_changed_byte_is_refused(
    tmp_path: Path, lang: str
) -> None:
    state, out, pem = tmp_path / "state", tmp_path / "out", tmp_path / "receiver.pem"
    enrol(state, "anna", wearer="Zoë")
    desk = Desk(state)
    handing = Handover(desk.receiver, desk.said.put)
    desk.receiver.attach(handing)
    desk.receiver.recur(lambda _receiver: handing.job())
    to = ("--state", state)
    with desk.receiver:
        incident(desk)
        made = run("export", 1, out, *to, "--by", "J. Smit", "--lang", lang, "--json")
        pem.write_text(run("key", *to).stdout)
    html, document = map(Path, json.loads(made.stdout)["files"])
    # The same once no receiver runs; each time stands in the audit.
    run("export", 1, tmp_path / "again", *to)
    assert pem.read_text() == run("key", *to).stdout
    store = Store(StatePaths(state))
    taken = [one.by for one in store.read(audit.newest) if one.what == TOOK_FILE]
    store.close()
    assert taken == ["", "J. Smit"]
    for file in (html, document):
        assert "to the last byte" in run("verify", file, "--key", pem).stdout
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        refused = run("verify", file, "--key", pem, code=1)
        assert "WAS CHANGED" in refused.stderr
        assert refused.stderr.strip().count("\n") == 0
    assert ("Alarm ontvangen" if lang == "nl" else "Alarm received") in html.read_text(
        errors="replace"
    )


def test_what_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    missing = run("export", 7, tmp_path / "out", "--state", tmp_path, code=2)
    assert "There is no incident 7" in missing.stderr
    assert not (tmp_path / "out").exists()
