"""`make release` in a clone: what is made, what is refused, and a signature that is checked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nabij.errors import NabijError
from nabij.release import make
from tests.places import REPO

pytestmark = pytest.mark.slow


def git(clone: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", clone, *who, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with what git would commit here now, committed."""
    clone = tmp_path_factory.mktemp("release") / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", REPO, clone], check=True)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.check_output(listed, cwd=REPO, text=True).split("\0"):
        if name and (REPO / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPO / name, clone / name)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "x")
    return clone


def release(clone: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != make.KEY}
    return subprocess.run(
        [sys.executable, "-m", "nabij.release.make", "--root", clone],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def rehearsed(clone: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    done = release(clone)
    return clone / "build" / "release", done


def test_without_a_key_all_is_made_and_nothing_passes_for_signed(
    rehearsed: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = rehearsed
    assert (done.returncode, done.stderr.startswith("NOT SIGNED")) == (1, True), done.stderr
    assert {one.name for one in folder.iterdir()} == {
        *("CHANGES.md", "SHA256SUMS", "THIRD-PARTY.txt", "nabij-0.1.0.cdx.json"),
        *("nabij-0.1.0-py3-none-any.whl", "nabij-0.1.0.tar.gz"),
    }
    sums = dict(line.split("  ")[::-1] for line in (folder / make.SUMS).read_text().splitlines())
    for file in folder.iterdir():
        if file.name != make.SUMS:
            assert sums.pop(file.name) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert sums == {}


def test_the_wheel_knows_its_commit_and_the_notices_their_licences(
    clone: Path, rehearsed: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, _ = rehearsed
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        version = json.loads(wheel.read("nabij/shipped/version.json"))
    head = subprocess.check_output(["git", "-C", clone, "rev-parse", "HEAD"], text=True)
    assert (version["changed"], head.startswith(version["commit"])) == (False, True)
    notices = (folder / "THIRD-PARTY.txt").read_text()
    for line in ("cryptography 50.0", "starlette 1.", "MIT License", "Apache License"):
        assert line in notices
    assert "pytest " not in notices.partition("=" * 78)[0]


def test_a_signature_of_the_checksums_can_be_checked_by_whoever_has_the_public_key(
    rehearsed: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = rehearsed
    shutil.copyfile(folder / make.SUMS, tmp_path / make.SUMS)
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True
    )
    signature = make.sign(tmp_path, key)
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(f"releases@nabij {key.with_suffix('.pub').read_text()}")
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "releases@nabij"]
    verify += ["-n", make.NAMESPACE, "-s", str(signature)]
    data = (tmp_path / make.SUMS).read_bytes()
    assert subprocess.run(verify, input=data, check=False, capture_output=True).returncode == 0
    other = subprocess.run(verify, input=data + b"x", check=False, capture_output=True)
    assert other.returncode != 0


def test_a_key_that_cannot_sign_is_told(tmp_path: Path) -> None:
    (tmp_path / make.SUMS).write_text("x")
    (tmp_path / "key").write_text("none")
    with pytest.raises(NabijError, match="does not sign"):
        make.sign(tmp_path, tmp_path / "key")
    assert not (tmp_path / make.SIGNATURE).exists()


def test_what_is_not_committed_or_not_told_is_refused(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(NabijError, match=r"what is new in 9\.9\.9"):
        make.changes_of(clone, "9.9.9")
    (clone / "README.md").write_text("changed")
    try:
        with pytest.raises(NabijError, match="commit or put away"):
            make.prepare(clone, tmp_path / "r")
    finally:
        git(clone, "checkout", "--", "README.md")
    assert not (tmp_path / "r").exists()
