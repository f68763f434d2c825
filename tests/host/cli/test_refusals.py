"""What is wrong with a command line is said in our words, with one exit code in all verbs."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.cli.output import waiting
from nabij.cli.verbs import VERBS
from nabij.documents.requirements import runs
from nabij.paths import StatePaths
from tests.ports import free_port


def nabij(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(word) for word in words])


def test_a_file_for_a_database_is_shared_by_no_receivers(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    done = nabij("serve", "--state", tmp_path, "--nats", "tls://127.0.0.1")
    assert done.exit_code == 2
    assert "share brokers by --nats only when they share a database" in done.stderr
    store = Store(StatePaths(tmp_path))
    second = nabij("serve", "--state", tmp_path, "--port", str(free_port()))
    store.close()
    assert second.exit_code == 1
    assert f"uses {tmp_path}: stop it first, or choose another --state" in second.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("data import csv x --dry-run --resample abc", "'abc' is not a number."),
        ("data import csv x --dry-run --resample nan", "It is nan: give 2000 at most."),
        ("data stream x -o y --hours 0", "It is 0: give 0.05 at least."),
        ("data stream x -o y --seed 1.5", "'1.5' is not a whole number."),
        ("serve --port 65536", "It is 65536: give 65535 at most."),
        ("energy --tail-ma inf", "It is inf: give 1000 at most."),
        ("doctor --wait inf", "It is inf: give 3600 at most."),
    ],
)
def test_a_number_that_cannot_be_is_told_with_what_can(words: str, says: str) -> None:
    done = nabij(*words.split())
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Input should" not in done.stderr


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_h_is_help_in_all_verbs(verb: str) -> None:
    done = nabij(verb, "-h")
    assert (done.exit_code, done.stdout) == (0, nabij(verb, "--help").stdout)


def test_h_is_help_below_a_verb_too() -> None:
    assert "data import [OPTIONS]" in nabij("data", "import", "-h").stdout
    assert nabij("-h").stdout == nabij("--help").stdout


@pytest.mark.parametrize("address", ["999.1.1.1", "no such host", ""])
def test_what_is_no_address_to_listen_on_is_told_as_such(tmp_path: Path, address: str) -> None:
    done = nabij("serve", "--state", tmp_path / "r", "--listen", address)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"'{address}' is no address to listen on: give")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--write", "{0}/gone/page.md"), 2, "There is no folder"),
        (("--junit", "{0}/gone.xml"), 2, "There is no report"),
    ],
)
def test_what_trace_is_to_read_or_write_is_checked_before_tests_are_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, says: str
) -> None:
    monkeypatch.setattr(runs, "collect", lambda _root: pytest.fail("collected"))
    done = nabij("trace", *(word.format(tmp_path) for word in words))
    assert done.exit_code == code
    assert says in done.stderr


def test_a_verb_that_takes_long_says_so_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("living through 12 hours", every_s=0.01):
        deadline = time.monotonic() + 30
        said = ""
        while "so far" not in said and time.monotonic() < deadline:
            time.sleep(0.01)
            said += capsys.readouterr().err
    assert said.startswith(
        "Living through 12 hours.\nStill living through 12 hours: 0.01 s so far."
    )


CONFIG_VERBS = (
    ("config", "check", "{file}"),
    ("config", "diff", "{file}", "pna11"),
    ("config", "set", "{file}", "--state", "."),
    ("compare", "{file}", "defaults", "."),
    ("replay", ".", "--config", "{file}"),
    ("energy", "--config", "{file}"),
)


@pytest.mark.parametrize(
    "content", ["keepalive_s = 1", "keepalve_s = 60", "keepalive_s 60", None, "x" * (5 << 20)]
)
def test_one_fault_of_a_settings_file_is_one_sentence_in_all_verbs(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "badge.toml"
    if content is not None:
        file.write_text(content)
    done = [nabij(*(word.format(file=file) for word in words)) for words in CONFIG_VERBS]
    assert len({one.stderr for one in done}) == 1, [one.stderr for one in done]
    assert done[0].stderr.count("\n") == 1
    # To find a fault is what `config check` is asked for.
    found = content is not None and content.startswith(("keepalive_s =", "keepalve_s"))
    assert [one.exit_code for one in done] == [1 if found else 2, 2, 2, 2, 2, 2]


def test_a_fault_in_a_preset_is_found_by_all(tmp_path: Path) -> None:
    file = tmp_path / "badge.toml"
    file.write_text("[presets.2]\nimpact_mg = 99\n")
    checked, replayed = nabij("config", "check", file), nabij("replay", ".", "--config", file)
    assert checked.stderr == replayed.stderr
    assert re.search(r"badge\.toml, preset 2: impact_mg is 99", checked.stderr)


@pytest.mark.parametrize(
    "words",
    [
        *("data list {0}", "data show {0} T1", "data stream {0} -o {0}/x"),
        *("replay {0}", "compare defaults belt {0}"),
    ],
)
def test_a_bundle_that_is_not_there_is_a_wrong_choice_in_all_verbs(
    tmp_path: Path, words: str
) -> None:
    done = nabij(*words.format(tmp_path / "gone").split())
    assert done.exit_code == 2
    assert "gone is not a trace bundle: there is no such folder." in done.stderr


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_device_that_never_ends_is_refused(device: str) -> None:
    done = nabij("energy", "--config", device)
    assert done.exit_code == 2
    assert "it has more than 4 MB" in done.stderr
    done = nabij("flash", "--dry-run", "--image", device)
    assert "it has more than 16 MB" in done.stderr


def test_an_image_is_checked_before_a_board_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"no image")
    for words in (["--dry-run"], []):
        done = nabij("flash", *words, "--image", tmp_path / "a.bin", "/dev/no-board")
        assert "is not an ESP32 image that starts at address 0" in done.stderr
    done = nabij("flash", "--app-only", "--image", tmp_path / "a.bin")
    assert (done.exit_code, "drop it, or --image" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        "compare neck belt {0} --report {0}/gone/x.html",
        "replay {0} --report {0}/gone/x.html",
        "tune {0} -o {0}/gone/x.toml --study {0}/study",
        "tune {0} -o {0}/x.toml --study {0}/gone/study",
    ],
)
def test_a_folder_for_the_result_that_is_not_there_is_told_before_the_work(
    tmp_path: Path, words: str
) -> None:
    done = nabij(*words.format(tmp_path).split())
    assert done.exit_code == 2
    assert "There is no folder" in done.stderr
    # Nothing was looked at before.
    assert "trace bundle" not in done.stderr


def test_a_dash_is_standard_output_whatever_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-").mkdir()
    for words in ("compare neck belt gone --report -", "replay gone --report -"):
        assert "gone is not a trace bundle" in nabij(*words.split()).stderr


def test_a_mistyped_set_is_told_before_what_else_is_missing(tmp_path: Path) -> None:
    for more in ([], ["--labels-template"], ["--separator", "dot"]):
        done = nabij("data", "import", "cvs", tmp_path / "gone.csv", *more)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "There is no importer 'cvs': did you mean 'csv'?" in done.stderr


def test_a_study_is_a_file(tmp_path: Path) -> None:
    done = nabij("tune", tmp_path, "-o", tmp_path / "x.toml", "--study", "/dev/zero")
    assert (done.exit_code, "/dev/zero is no file" in done.stderr) == (2, True)


def test_a_device_under_the_name_of_a_recording_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "S01_D1_A101_T01_A.dat").symlink_to("/dev/zero")
    done = nabij("data", "import", "fallalld", tmp_path, "--dry-run")
    assert done.exit_code == 2
    assert "no file of FallAllD as published" in done.stderr
