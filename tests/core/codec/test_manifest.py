"""The signed manifest of an update: what is signed comes back, and nothing else is taken."""

import hashlib

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import manifest

KEY = bytes(range(32))
DIGEST = hashlib.sha256(b"").digest()
paths = st.from_regex(r"badge(/[a-z0-9_]{1,8}){1,3}\.mpy", fullmatch=True)
files = st.lists(
    st.tuples(paths, st.integers(0, manifest.FILE_MAX), st.binary(min_size=32, max_size=32)),
    min_size=1,
    max_size=10,
    unique_by=lambda entry: entry[0],
)


def made(entries=(("badge/app.mpy", 3, DIGEST),), version="1.2", build=7, mpy=11014):
    return manifest.Manifest(version, build, mpy, list(entries))


@given(files, st.integers(0, 2**32 - 1))
def test_what_was_signed_comes_back(entries, build):
    got = manifest.verify(manifest.sign(made(entries, build=build), KEY), KEY)
    assert (got.version, got.build, got.mpy, got.files) == ("1.2", build, 11014, entries)
    assert got.total_bytes() == sum(size for _, size, _ in entries)


@given(st.data())
def test_a_changed_byte_is_refused(data):
    frame = bytearray(manifest.sign(made(), KEY))
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(manifest.ManifestError):
        manifest.verify(bytes(frame), KEY)


@pytest.mark.parametrize("key", [b"", bytes(32), KEY[:-1]])
def test_another_badges_key_is_refused(key):
    frame = manifest.sign(made(), key)
    with pytest.raises(manifest.ManifestError) as refused:
        manifest.verify(frame, KEY)
    assert refused.value.code == "manifest.mac"


def test_a_badge_without_a_key_takes_nothing():
    with pytest.raises(manifest.ManifestError):
        manifest.verify(manifest.sign(made(), b""), b"")


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    for reader in (manifest.read, lambda frame: manifest.verify(frame, KEY)):
        with pytest.raises(manifest.ManifestError):
            reader(data)


@pytest.mark.parametrize(
    "path",
    [
        *("", "main.py", "/badge/app.mpy", "badge", "badge/", "badge//app.mpy", "identity.json"),
        *("badge/../main.py", "badge/./app.mpy", "badge/..", "badge/App.mpy", "badge/a b.mpy"),
        *("badge/" + "x" * 60, "badge\\app.mpy", "badge/.../x"),
    ],
)
def test_a_path_outside_the_application_is_refused(path):
    with pytest.raises(manifest.ManifestError):
        manifest.read(manifest.sign(made([(path, 1, DIGEST)]), KEY))


@pytest.mark.parametrize(
    "change",
    [
        {0: 2},
        {1: ""},
        {1: "v" * 17},
        {1: 5},
        {2: -1},
        {2: True},
        {3: None},
        {4: []},
        {4: {}},
        {4: [["badge/a.mpy", 1]]},
        {4: [["badge/a.mpy", 1, DIGEST[1:]]]},
        {4: [["badge/a.mpy", manifest.FILE_MAX + 1, DIGEST]]},
        {4: [["badge/a.mpy", 1, DIGEST]] * 2},
        {4: [[f"badge/{n}.mpy", 1, DIGEST] for n in range(301)]},
        {5: 0},
    ],
    ids=str,
)
def test_a_field_that_is_not_as_described_is_refused(change):
    payload = {0: 1, 1: "1", 2: 1, 3: 1, 4: [["badge/a.mpy", 1, DIGEST]]}
    assert manifest.read(cbor2.dumps([cbor2.dumps(payload), bytes(32)])).build == 1
    with pytest.raises(manifest.ManifestError):
        manifest.read(cbor2.dumps([cbor2.dumps(payload | change), bytes(32)]))


@pytest.mark.parametrize("reader", [manifest.read, lambda frame: manifest.verify(frame, KEY)])
def test_a_frame_that_is_too_long_is_refused_in_words(reader):
    with pytest.raises(manifest.ManifestError, match=f"longer than {manifest.FRAME_MAX} bytes"):
        reader(bytes(manifest.FRAME_MAX + 1))
