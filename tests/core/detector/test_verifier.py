"""The verifier's table: what is refused, and that one layout of the state is used everywhere."""

from __future__ import annotations

import re
from binascii import b2a_base64
from pathlib import Path

import pytest

from badge.core.detector import detect, evidence, posture, verifier
from badge.core.detector.verifier_table import NECK
from badge.core.settings import config
from tests.core.detector import verifiers


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
