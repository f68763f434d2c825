"""The verifier's table: what is refused, and that one layout of the state is used everywhere."""

from __future__ import annotations

import re
import struct
from array import array
from binascii import b2a_base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.detector import detect, evidence, params, posture, verifier
from badge.core.detector.verifier_table import NECK
from badge.core.settings import config
from tests.core.detector import verifiers
from tests.core.detector.motion import fall, words


def test_the_kernel_modules_agree_on_every_constant() -> None:
    seen: dict[str, str] = {}
    for module in (posture, evidence, detect):
        text = Path(str(module.__file__)).read_text()
        for name, value in re.findall(r"^(\w+) = const\((\w+)\)", text, re.MULTILINE):
            assert seen.setdefault(name, value) == value, name


def test_the_shipped_table_fits_two_kilobytes() -> None:
    table = verifier.parse(NECK)
    assert len(table) <= 2048
    assert verifier.parse("") == table


def test_a_table_in_the_configuration_is_taken() -> None:
    text = b2a_base64(verifiers.PLAIN, newline=False).decode()
    assert config.Config.from_dict({"verifier": text}).verifier == text


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (b"", "no table"),
        (b"NV2" + verifiers.PLAIN[3:], "no table"),
        (verifiers.PLAIN[:-1], "cut short"),
        (verifiers.PLAIN + b"\0", "too long"),
        (verifier.MAGIC + bytes([200, 200]) + bytes(4 + 14 * 400), "no table"),
        (
            verifiers.table([(evidence.E_UP_AGAIN - 1, 9)], []).replace(b"\x17", b"\x18"),
            "evidence",
        ),
        (verifiers.PLAIN.replace(bytes([evidence.E_TILT_DOWN]), b"\x1c"), "evidence"),
    ],
)
def test_a_table_that_is_none_is_refused(table: bytes, says: str) -> None:
    with pytest.raises(verifier.TableError, match=says):
        verifier.check(table)
    with pytest.raises(config.ConfigError) as caught:
        config.Config.from_dict({"verifier": b2a_base64(table or b"\1").decode()})
    assert caught.value.code == "config.range"


@pytest.mark.parametrize("text", ["not base64!", "A", "="])
def test_text_that_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(verifier.TableError):
        verifier.parse(text)


_MOTION = words(fall())
# An impact that starts from so many points is a fall, whatever its trees say.
_SURE = 2000
_LIMIT = st.integers(-1, 1)
_LEAVES = st.binary(min_size=8, max_size=8)


def _judged(trees: int, rest_trees: int, packed: bytes) -> array[int]:
    """The detector's state after a fall that these trees have judged, and the rest after it."""
    head = bytes([trees, rest_trees]) + struct.pack("<2h", _SURE, 0)
    chosen = params.build(config.defaults(), verifier.MAGIC + head + packed)
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    detect.step_block(state, _MOTION, len(_MOTION) // 3, chosen)
    return state


_SEEN = _judged(0, 0, b"")[evidence.S_EVIDENCE : evidence.S_EVIDENCE + evidence.EVIDENCE]


def _points(tree: bytes) -> int:
    """Of a tree, as the docstring of the module has it."""
    above = [_SEEN[tree[at]] > tree[at + 1] for at in (0, 2, 4)]
    return tree[6 + above[0] + 2 * above[1] + 4 * above[2]] - 128


def _trees(known: int) -> st.SearchStrategy[list[bytes]]:
    """Trees whose limits lie about the evidence that is judged."""

    def packed(tests: list[tuple[int, int]], leaves: bytes) -> bytes:
        limits = [(test, max(0, min(255, _SEEN[test] + by))) for test, by in tests]
        return bytes(value for pair in limits for value in pair) + leaves

    tests = st.tuples(st.integers(0, known - 1), _LIMIT)
    return st.lists(
        st.builds(packed, st.lists(tests, min_size=3, max_size=3), _LEAVES), max_size=5
    )


@settings(max_examples=60, deadline=None)
@given(_trees(evidence.EVIDENCE_OF_IMPACT), _trees(evidence.EVIDENCE))
def test_the_detector_gives_the_points_that_the_trees_say(
    of_impact: list[bytes], of_rest: list[bytes]
) -> None:
    state = _judged(len(of_impact), len(of_rest), b"".join(of_impact + of_rest))
    assert state[detect.S_FALL_POINTS] - detect.POINTS_BIAS == sum(map(_points, of_impact))
    assert state[detect.S_DOWN_POINTS] - detect.POINTS_BIAS == sum(map(_points, of_rest))


@pytest.mark.parametrize("test", [0, 2, 4])
@pytest.mark.parametrize(
    ("trees", "known"),
    [((1, 0), evidence.EVIDENCE_OF_IMPACT), ((0, 1), evidence.EVIDENCE)],
    ids=["of an impact", "of the rest"],
)
def test_each_test_of_a_tree_asks_for_evidence_that_there_is(
    test: int, trees: tuple[int, int], known: int
) -> None:
    tree = bytearray(14)
    tree[test] = known - 1
    head = verifier.MAGIC + bytes(trees) + bytes(4)
    verifier.check(head + tree)
    tree[test] = known
    with pytest.raises(verifier.TableError, match="evidence"):
        verifier.check(head + tree)


def test_a_table_of_no_trees_and_one_of_the_most_are_tables() -> None:
    verifier.check(verifier.MAGIC + bytes(6))
    verifier.check(verifier.MAGIC + bytes([100, 45]) + bytes(4 + 14 * 145))
    with pytest.raises(verifier.TableError, match="no table"):
        verifier.check(verifier.MAGIC + bytes([100, 46]) + bytes(4 + 14 * 146))


def test_both_bases_are_signed_numbers() -> None:
    assert verifier.bases(verifier.MAGIC + bytes(2) + struct.pack("<2h", -20, 300)) == (-20, 300)
