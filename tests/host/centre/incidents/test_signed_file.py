"""A signed file is checked with the published key alone; no byte of it can be another one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.incidents import signed_file
from nabij.centre.incidents.signed_file import HTML, JSON, LENGTHS, ChangedFileError
from nabij.errors import UsageError
from tests.places import REPO

SEED, OTHER = bytes(range(32)), bytes(range(1, 33))
PUBLIC = signed_file.public_of(signed_file.pem_of(SEED).encode())
TEXTS = {HTML: "<!doctype html>\n<p>Zoë fell.</p>\n", JSON: '{\n "wearer": "Zoë"\n}'}


@pytest.mark.parametrize("kind", [HTML, JSON])
def test_a_file_is_what_was_signed_and_still_of_its_kind(kind: str) -> None:
    content = signed_file.sign(kind, TEXTS[kind], SEED)
    assert signed_file.verify(content, PUBLIC) == kind
    if kind == JSON:
        assert json.loads(content)["wearer"] == "Zoë"
    else:
        assert content.endswith(b"-->\n")


@pytest.mark.parametrize("kind", [HTML, JSON])
def test_a_flipped_bit_anywhere_is_refused_in_one_sentence(kind: str) -> None:
    content = signed_file.sign(kind, TEXTS[kind], SEED)
    for at in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[at] ^= 1 << bit
            with pytest.raises(ChangedFileError) as error:
                signed_file.verify(bytes(changed), PUBLIC)
            assert error.value.sentence.count(". ") == 0


@given(st.binary(), st.sampled_from([HTML, JSON]), st.integers(0, 400))
def test_nothing_else_passes_for_one(junk: bytes, kind: str, at: int) -> None:
    content = signed_file.sign(kind, TEXTS[kind], SEED)
    for changed in (junk, content[:at], content + junk, junk + content):
        if changed != content:
            with pytest.raises(ChangedFileError):
                signed_file.verify(changed, PUBLIC)


def test_a_file_of_somebody_else_is_told_from_one_that_was_changed() -> None:
    content = signed_file.sign(HTML, TEXTS[HTML], OTHER)
    with pytest.raises(ChangedFileError, match="NOT OF THIS RECEIVER"):
        signed_file.verify(content, PUBLIC)
    with pytest.raises(ChangedFileError, match="WAS CHANGED"):
        signed_file.verify(
            content.replace(b"fell", b"hell"),
            signed_file.public_of(signed_file.pem_of(OTHER).encode()),
        )


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\n", SEED])
def test_what_is_no_key_is_a_sentence(pem: bytes) -> None:
    with pytest.raises(UsageError, match="no PEM"):
        signed_file.public_of(pem)


@pytest.mark.parametrize("kind", [HTML, JSON])
def test_openssl_alone_checks_it_as_the_page_says(tmp_path: Path, kind: str) -> None:
    """docs/handover.md has these commands: who receives a file needs nothing of ours."""
    if shutil.which("openssl") is None:
        pytest.skip("There is no openssl.")
    file, key = tmp_path / f"incident-1.{kind}", tmp_path / "receiver.pem"
    file.write_bytes(signed_file.sign(kind, TEXTS[kind], SEED))
    key.write_text(signed_file.pem_of(SEED))
    script = f"""
    head -c -{LENGTHS[kind]} {file} > body
    tail -n 1 {file} | grep -oE '[0-9a-f]{{128}}' | xxd -r -p > signature
    openssl pkeyutl -verify -pubin -inkey {key} -rawin -in body -sigfile signature
    """
    if shutil.which("xxd") is None:
        script = script.replace(
            "xxd -r -p", "python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(input()))'"
        )
    done = subprocess.run(
        ["/bin/sh", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Verified Successfully" in done.stdout, done.stderr
    page = (REPO / "docs" / "handover.md").read_text()
    assert f"head -c -{LENGTHS[HTML]} " in page
    assert f"{LENGTHS[JSON]}" in page
