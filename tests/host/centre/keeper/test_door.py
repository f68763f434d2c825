"""The keeper as a process: whom it answers, what it makes of nonsense, and how it is checked."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.keeper.door import answer
from nabij.centre.keeper.refused import Why
from nabij.centre.keeper.speech import MOST_ASKED, SpeechError
from tests.host.centre.deadline_world import KEY
from tests.host.centre.keeper.keeper_world import KeeperWorld
from tests.host.centre.keeper.kept import Kept, asked, connected
from tests.host.centre.served import nabij

TEXT = b"52.0907 5.1214"


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("k")


def frame(seq: int, **fields: int) -> str:
    fields = {"rev": 1, "utc_s": int(time.time()), "kind": kinds.SOS, "age_ms": 0, **fields}
    return str(wire.encode_alarm(KEY, "anna", 1, seq, **fields).hex())


def test_keys_outlive_a_kill_and_no_other_start(folder: Path) -> None:
    kept = Kept(folder)
    line = connected(kept.socket)
    shift = {"badge": "anna", "shift": 1}
    begin = frame(1, flags=wire.FLAG_TEST, watch_s=3600)
    assert asked(line, do="begin", verify=KEY.hex(), frame=begin, **shift) == {"ok": True}
    sealed = asked(line, do="seal", text=TEXT.hex(), **shift)["sealed"]
    # A second one on the same folder or socket does not begin.
    second = nabij("keeper", "run", kept.folder, "--socket", folder / "other")
    assert second.returncode == 1
    assert "Another nabij" in second.stderr
    second = nabij("keeper", "run", folder / "x", "--socket", kept.socket)
    assert "listens at" in second.stderr
    line.close()
    kept.end(signal.SIGKILL)
    kept.begin()
    assert "with 1 key." in kept.ready
    line = connected(kept.socket)
    why = {"incident": 7, "audit": "", "frame": frame(2)}
    found = asked(line, do="open", sealed=sealed, **why, **shift)
    assert bytes.fromhex(found["text"]) == TEXT
    line.close()
    assert kept.end()[0] == 0
    assert "opened  badge anna, shift 1, incident 7" in nabij("keeper", "log", kept.folder).stdout


def test_another_user_is_hung_up_on(folder: Path) -> None:
    kept = Kept(folder, user=os.getuid() + 1)
    line = connected(kept.socket)
    with pytest.raises(SpeechError):
        asked(line, do="held")
    line.close()
    code, errors = kept.end()
    assert code == 0
    assert f"User {os.getuid()} tried to speak to the keeper" in errors


def test_who_says_nothing_or_too_much_holds_up_nobody(folder: Path) -> None:
    kept = Kept(folder)
    silent = [connected(kept.socket) for _ in range(3)]
    flood = socket.socket(socket.AF_UNIX)
    flood.connect(str(kept.socket))
    flood.sendall(b"x" * (4 * MOST_ASKED))
    flood.settimeout(10.0)
    assert flood.recv(1) == b""
    flood.close()
    another = connected(kept.socket)
    assert asked(another, do="held") == {"ok": True, "held": []}
    for one in (another, *silent):
        one.close()
    kept.end()


def test_check_says_what_is_amiss(folder: Path) -> None:
    kept = Kept(folder)
    good = nabij("keeper", "check", kept.folder, "--socket", kept.socket)
    assert good.returncode == 0, good.stdout
    kept.end()
    (kept.folder / "keeper.key").chmod(0o644)
    log = kept.folder / "log.jsonl"
    log.write_text(log.read_text().replace('"started"', '"stopped"'))
    bad = nabij("keeper", "check", kept.folder, "--socket", kept.socket)
    assert bad.returncode == 1
    amiss = [one for one in bad.stdout.splitlines() if one.startswith("AMISS")]
    for word in ("chmod 600", "DOES NOT HOLD at line 1", "does not run", "nobody listens"):
        assert any(word in one for one in amiss), (word, amiss)
    again = nabij("keeper", "run", kept.folder, "--socket", kept.socket)
    assert (again.returncode, "DOES NOT HOLD" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("path", "says"),
    [("log.jsonl", "is no socket"), ("none/socket", "Cannot listen"), ("x" * 120, "too long")],
)
def test_a_socket_that_cannot_be_is_a_sentence(folder: Path, path: str, says: str) -> None:
    (folder / "log.jsonl").write_text("")
    refused = nabij("keeper", "run", folder / "keeper", "--socket", folder / path)
    assert says in refused.stderr
    assert refused.returncode == 2
    unknown = nabij(
        *("keeper", "run", folder / "keeper", "--socket", folder / "s"),
        *("--receiver-user", "nobody-of-that-name"),
    )
    assert unknown.returncode == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
REQUESTS = st.fixed_dictionaries(
    {"do": st.sampled_from(["greet", "held", "begin", "seal", "open", "end", "destroy"]) | JSON},
    optional={
        name: JSON | st.sampled_from(["anna", "00", 1, 2**70, -1, "../x", "\0"])
        for name in (
            *("badge", "shift", "verify", "frame", "text", "sealed", "incident", "audit", "nonce"),
        )
    },
)


@given(REQUESTS)
def test_nonsense_is_answered_and_nothing_comes_of_it(
    used: KeeperWorld, request_: dict[str, object]
) -> None:
    found = answer(used.keeper, request_)
    assert found["ok"] in {True, False}
    if not found["ok"]:
        assert found["why"] in Why.__members__
    assert used.keeper.held() in ([("anna", 1)], [])
