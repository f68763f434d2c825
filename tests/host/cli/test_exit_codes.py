"""One rule of exit codes in all verbs: 2 when what was typed has to change, 1 for what failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.register.enrol import enrol
from nabij.cli.app import app
from nabij.cli.verbs import VERBS
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, exit_code_of
from tests.places import DOCS


def nabij(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", "NABIJ_PORTS": ""}).invoke(app, list(words))


# Of each verb what can be named, under a name of nothing that is there or that can be used.
# `r` is a receiver that knows nb-1, `here` an empty folder, `ok.toml` a file of settings.
MISNAMED = (
    "cells import gone.csv --network 204 --state r",
    "cells import here --network 204 --state r",
    "cells import ok.toml --network 20 --state r",
    "cells import ok.toml --state r",
    "cells import ok.toml --network 204 --state here",
    "cells show --state here",
    "cells find 204 1 1 --state r",
    "cells find 204-08 65536 1 --state r",
    "serve --state ok.toml",
    "serve --state ok.toml/x",
    "serve --state new --listen 192.0.2.1",
    "serve --state new --listen no.such.host.invalid",
    "gateway r/badges/nb-1",
    "gateway gone",
    "enrol nb-2 --state ok.toml/x",
    "enrol nb-1 --state r",
    "sim gone",
    "sim r",
    "sim --usb gone/port",
    "sim --usb ok.toml",
    "sim r/badges/nb-1 --motion gone.csv",
    "sim r/badges/nb-1 --motion here",
    "sim r/badges/nb-1 --motion ok.txt",
    "demo extra",
    "demo --console-port 8443",
    "devices /dev/gone",
    "devices ok.toml",
    "devices id:1234",
    "devices foo://x",
    "log /dev/gone",
    "pull /dev/gone --state r",
    "pull -o gone/x --state r",
    "update /dev/gone --state r",
    "doctor id:1234",
    "flash /dev/gone --image gone.bin",
    "flash /dev/gone --image ok.toml",
    "flash /dev/gone --board gone",
    "flash /dev/gone --app-only",
    "config get /dev/gone",
    "config get -o gone/x.toml",
    "config get -o here",
    "config set gone.toml --state r",
    "config set id:1234 keepalive_s=30 --state r",
    "config set keepalve_s=30 --state r",
    "config check gone.toml",
    "config check ok.toml --profile gone",
    "config diff gone.toml pna11",
    "config diff ok.toml gone",
    "config profile gone",
    "provision /dev/gone --badge nb-1 --state r --host localhost",
    "provision --badge nb-1 --state r --host http://x",
    "provision --badge nb-1 --state r --host localhost --config gone.toml",
    "provision --badge nb-1 --state r --host localhost --profile gone",
    "revoke nb-9 --state r",
    "revoke nb-1 --state gone",
    "incident list --state gone",
    "incident list 77 --state r",
    "incident take 77 --state r",
    "incident help 77 --state r",
    "incident close 77 --state r --by Anna",
    "incident export 77 here --state r",
    "incident export 1 here --state r --lang fr",
    "incident verify gone --key ok.toml",
    "incident verify ok.toml --key gone",
    "incident verify ok.toml --key ok.toml",
    "incident key --state gone",
    "data import gone here -o x",
    "data import csv gone -o x",
    "data import csv ok.toml -o gone/x",
    "data import sisfall here -o x",
    "data import csv here -o x",
    "data import csv here --labels-template",
    "data import csv ok.csv --labels-template -o gone/x.csv",
    "data stream gone -o x",
    "data list gone",
    "data show gone t",
    "data show gone t --plot gone/x.png",
    "data show gone t --plot x.toml",
    "replay gone",
    "replay here",
    "replay gone --config gone",
    "replay gone --engine gone",
    "replay gone --report gone/x.html",
    "compare gone belt here",
    "compare neck belt gone",
    "compare neck belt gone --report gone/x.html",
    "tune gone -o x.toml",
    "tune gone -o gone/x.toml",
    "tune gone -o here",
    "energy --config gone.toml",
    "status --state gone",
    "trace --root gone",
    "trace --junit gone.xml",
    "trace --write gone/x.md",
    "fleet config keepalve_s=30 --all-badges --state r",
    "fleet config gone.toml --all-badges --state r",
    "fleet config keepalive_s=30 --badge nb-9 --state r",
    "fleet config keepalive_s=30 --state r",
    "fleet config keepalive_s=30 --all-badges --state gone",
    "fleet update --badge nb-9 --state gone",
    "fleet update --all-badges --state r --processor gone",
    "fleet renew --badge nb-9 --state r",
    "fleet renew --state r",
    "fleet status 77 --state r",
    "fleet stop 77 --state r",
    "plan import gone.toml --state r",
    "plan show --state gone",
    "plan check --state gone",
    "handover import gone.toml --state r",
    "handover import here --state r",
    "handover show --state gone",
    "handover export --state gone",
    "handover test gone --state r",
    "sms set gone --url https://x --secret-file ok.toml --state r",
    "sms set twilio --url gone --secret-file ok.toml --state r",
    "sms set twilio --url https://x --secret-file gone --state r",
    "sms set twilio --url https://x --secret-file ok.toml --send-file ok.toml --state r",
    "sms set twilio --url https://x --secret-file ok.toml --state gone",
    "sms drop twilio --state r",
    "sms number nb-9 +31612345678 --state r",
    "sms number nb-1 0612345678 --state r",
    "sms pin --pin-file gone --state r",
    "sms show --state gone",
    "serve --state r --sms-listen gone",
    "serve --state r --sms-listen 192.0.2.1:443",
    "serve --state r --sms-cert gone",
    "register import gone x.csv --state r",
    "register import tasks gone.csv --state r",
    "register export tasks --state gone",
    "register export gone --state r",
    "register check --state gone",
    "register rie --from gone --until 2026-01-01 --folder rie --state r",
    "privacy terms --state gone",
    "privacy term location 1 --reason x --state r",
    "privacy term gone 1 --reason x --state r",
    "privacy copy gone --folder copy --state r",
    "privacy erase gone --state r",
    "privacy dpia --folder dpia --state gone",
    "keeper run here --socket gone/socket",
    "keeper run new --socket ok.toml",
    "keeper run new --socket new/socket --receiver-user gone",
    "keeper check gone",
    "keeper check here --socket gone",
    "keeper log here",
    "keeper unit --user nabij --receiver-user nabij",
    "location consent --council OR --reference 1 --on gone --until 2027-01-01 --state r",
    "location consent --council OR --reference 1 --on 2026-01-01 --until 2026-01-02 --state r",
    "location show --state gone",
    "location withdraw --yes --state r",
    "location withdraw --state r",
    "location trust --state r",
    "location trust --yes --state gone",
    "location compare gone --state r",
    "audit verify --state gone",
    "audit verify --anchors gone --state r",
    "audit export --state gone",
    "drill gone --state gone",
    "drill gone --state r",
    "cluster run gone",
    "service install --state relative --dry-run",
    "service install --dry-run -- --gone",
    "service install --dry-run -- --listen no/address",
    "service install --dry-run -- --state here",
    "backup -o x.backup --state gone --passphrase-file ok.toml",
    "backup -o ok.toml --state r --passphrase-file ok.toml",
    "backup -o gone/x --state r --passphrase-file ok.toml",
    "backup -o x.backup --state r --passphrase-file gone",
    "backup -o x.backup --state r",
    "restore gone --state new",
    "restore ok.toml --state new --passphrase-file ok.toml",
    "restore ok.toml --state here/x/y",
    "restore ok.toml --state r",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("named")
    enrol(made / "r", "nb-1")
    (made / "here").mkdir()
    (made / "ok.toml").write_text("keepalive_s = 30\n")
    (made / "ok.csv").write_text("t,x,y,z\n")
    return made


@pytest.mark.parametrize("words", MISNAMED)
def test_a_name_of_nothing_that_can_be_used_is_two_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    done = nabij(*words.split())
    assert done.exit_code == EXIT_USAGE, done.output
    assert "Traceback" not in done.output
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


def test_each_verb_stands_in_the_table() -> None:
    assert {words.split()[0] for words in MISNAMED} == {verb.name for verb in VERBS}


@pytest.mark.parametrize(
    "words",
    [
        # The badge may be plugged in, an incident opened, or what else has the port be stopped.
        "devices",
        "log",
        "pull --state r",
        "config get",
        "incident take --state r",
    ],
)
def test_what_may_do_tomorrow_is_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.chdir(folder)
    done = nabij(*words.split())
    assert (done.exit_code, done.stdout) == (EXIT_FAILURE, "")


def test_a_full_disk_is_no_wrong_name() -> None:
    assert exit_code_of(FileNotFoundError(2, "No such file or directory")) == EXIT_USAGE
    assert exit_code_of(PermissionError(13, "Permission denied")) == EXIT_USAGE
    assert exit_code_of(OSError(28, "No space left on device")) == EXIT_FAILURE
    assert exit_code_of(OSError(5, "Input/output error")) == EXIT_FAILURE


def test_the_engineers_page_has_the_rule() -> None:
    page = (DOCS / "engineer.md").read_text(encoding="utf-8")
    assert "exit code 2 means that what was typed has to change" in " ".join(page.split())
