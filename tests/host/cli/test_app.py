"""The `nabij` command as a person and a script meet it."""

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.served import NABIJ, Served, nabij
from tests.ports import free_port


@pytest.fixture
def state(tmp_path: Path) -> Path:
    assert nabij("enrol", "badge-1", "--state", tmp_path, "--wearer", "Anna").returncode == 0
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_ready_then_a_line_an_incident_and_stops_with_zero(
    state: Path, number: signal.Signals
) -> None:
    served = Served(state)
    assert served.line() == (
        f"Ready: receiving on 127.0.0.1 port {served.port}, 1 badge enrolled. Ctrl-C stops.\n"
    )
    served.alarm("badge-1", 1)
    assert served.line().startswith("SOS  Anna (badge badge-1)  at ")
    code, output, errors = served.end(number)
    assert (code, output, errors) == (0, "Stopped.\n", "")


def test_who_names_no_folder_uses_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NABIJ_STATE", str(tmp_path / "kept"))
    assert nabij("enrol", "badge-1").returncode == 0
    assert nabij("incident", "list").returncode == 0
    assert (tmp_path / "kept" / "pki" / "ca.key").exists()


def test_a_hangup_has_it_read_again_and_never_ends_it(state: Path) -> None:
    served = Served(state)
    served.line()
    served.process.send_signal(signal.SIGHUP)
    assert served.complaint() == "Read again: the certificates, and who is let in.\n"
    served.process.send_signal(signal.SIGHUP)
    served.alarm("badge-1", 1)
    assert served.line().startswith("SOS")
    assert served.end(signal.SIGTERM)[0] == 0


def test_serve_json_prints_one_object_for_each_incident_and_nothing_else(state: Path) -> None:
    served = Served(state, "--json")
    assert served.complaint().startswith("Ready")
    served.alarm("badge-1", 1)
    served.alarm("badge-1", 1)
    served.alarm("badge-1", 2)
    objects = [json.loads(served.line()) for _ in range(2)]
    assert [(o["badge"], o["seq"], o["kind_name"], o["state_name"]) for o in objects] == [
        ("badge-1", 1, "sos", "received"),
        ("badge-1", 2, "sos", "received"),
    ]
    code, output, _ = served.end(signal.SIGTERM)
    assert (code, output) == (0, "")


def test_second_serve_on_the_same_state_is_refused_in_one_sentence(state: Path) -> None:
    served = Served(state)
    served.line()
    second = nabij("serve", "--state", state, "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"process {served.process.pid}" in second.stderr
    assert served.end(signal.SIGTERM)[0] == 0


def test_a_first_start_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = nabij("serve", "--state", tmp_path / "new", "--port", port)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert port in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
def test_a_first_start_that_fails_removes_each_folder_that_it_made(
    tmp_path: Path, there: bool
) -> None:
    if there:
        (tmp_path / "new").mkdir()
    done = nabij("serve", "--state", tmp_path / "new/deep/r", "--listen", "192.0.2.1")
    assert done.returncode == 2
    assert list(tmp_path.rglob("*")) == ([tmp_path / "new"] if there else [])


@pytest.mark.parametrize("size_kb", [16, 40, 200])
def test_a_first_start_on_a_full_disk_names_the_disk(tmp_path: Path, size_kb: int) -> None:
    """A disk that only this process sees: full at the database, or at the broker's."""
    mount = f"mount -t tmpfs -o size={size_kb}k tmpfs '{tmp_path}'"
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], check=False).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    serve = [*NABIJ, "serve", "--state", str(tmp_path / "r"), "--port", str(free_port())]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{mount} && {shlex.join(serve)}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The disk at {tmp_path} is full, so {tmp_path / 'r'} cannot be used: free some space "
        "there, or choose another --state folder.\n"
    )


def test_terminal_that_does_not_read_holds_up_no_alarm(state: Path) -> None:
    """Far more output than a pipe takes, none of it read: every alarm still gets its receipt."""
    served = Served(state, "--json")
    served.complaint()
    client = BadgeClient(state / "badges" / "badge-1", port=served.port)
    for seq in range(1, 301):
        client.insist(seq)
    client.close()
    assert served.end(signal.SIGTERM)[0] == 0


def test_enrol_says_where_the_folder_is_and_json_for_scripts(tmp_path: Path) -> None:
    folder = tmp_path / "badges" / "badge-7"
    first = nabij("enrol", "badge-7", "--state", tmp_path)
    assert first.returncode == 0
    assert str(folder) in first.stdout
    second = nabij("enrol", "badge-7", "--state", tmp_path, "--force", "--json")
    assert json.loads(second.stdout)["folder"] == str(folder)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["enrol", "a b", "--state", "{state}"], 2, "letters, digits and dashes"),
        (["enrol", "badge-1", "--state", "{state}"], 2, "--force"),
        (["enrol", "x", "--state", "{state}", "--host", "http://x"], 2, "host name"),
        (["enrol", "x", "--state", "{state}", "--apn", 'a",b'], 2, "access point"),
        (["enrol", "x", "--state", "{state}", "--apn", "x" * 101], 2, "access point"),
        (["enrol", "x", "--state", "{state}/nabij.db/x"], 2, "Cannot make the folder"),
        (["serve", "--state", "{state}", "--host", "a b"], 2, "host name"),
        (["serve", "--state", "{state}", "--listen", "192.0.2.1"], 2, "--listen"),
        (["serve", "--state", "{state}", "--quiet-min", "31"], 2, "within 30 min"),
    ],
)
def test_error_is_one_sentence_and_an_exit_code(
    state: Path, arguments: list[str], code: int, words: str
) -> None:
    result = nabij(*(argument.format(state=state) for argument in arguments))
    assert result.returncode == code
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(".\n")


@pytest.mark.parametrize("arguments", [["serve", "--state", "x", "--port", "0"], ["nonsense"]])
def test_wrong_usage_is_exit_code_two_without_a_traceback(arguments: list[str]) -> None:
    result = nabij(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "--help" in result.stderr


@pytest.mark.parametrize("verb", [[], ["serve"], ["enrol"], ["sim"], ["config"], ["incident"]])
def test_help_has_an_example(verb: list[str]) -> None:
    result = nabij(*verb, "--help")
    assert result.returncode == 0
    assert "Example: nabij" in result.stdout


def test_verb_that_lacks_its_extra_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['nats.aio.client'] = None\n"
        f"sys.argv = ['nabij', 'serve', '--state', {str(tmp_path)!r}]\n"
        "from nabij.cli.app import app; app()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert "pip install 'nabij[receiver]'" in result.stderr


def test_start_and_stop_are_quick(state: Path) -> None:
    """No wait of theirs (the broker's start, a lock, a deadline) is sat out."""
    started = time.monotonic()
    served = Served(state)
    served.line()
    assert served.end(signal.SIGTERM)[0] == 0
    assert time.monotonic() - started < LONG_S / 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [["--version"], ["replay", "--help"], ["config", "profile"]])
def test_an_output_that_is_full_is_told_in_one_sentence(words: list[str]) -> None:
    command = [sys.executable, "-m", "nabij.cli", *words]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "No space is left where the output goes: free some, or send it elsewhere."
    ]
