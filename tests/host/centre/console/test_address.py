"""Where the console listens, as it is typed."""

from pathlib import Path

import pytest

from nabij.centre.console.address import parsed
from nabij.errors import UsageError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8443", "127.0.0.1:8443"),
        ("0.0.0.0:1", "0.0.0.0:1"),
        ("[::1]:8443", "[::1]:8443"),
        ("centre.example:65535", "centre.example:65535"),
    ],
)
def test_an_address_is_taken(text: str, shown: str) -> None:
    assert str(parsed(text)) == shown


@pytest.mark.parametrize("text", ["", ":", "x", "host:0", "host:65536", "ho st:1", "1.2.3:8443"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--console"):
        parsed(text)


def test_a_certificate_comes_with_its_key() -> None:
    with pytest.raises(UsageError, match="--console-key"):
        parsed("8443", Path("cert.pem"))
