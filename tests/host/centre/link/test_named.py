"""Brokers that are named by their addresses."""

from pathlib import Path

import pytest

from nabij.centre.link.named import NamedBrokers, parse_addresses
from nabij.centre.register.pki import Authority
from nabij.errors import NabijError, UsageError


def test_addresses_have_a_port_of_their_own_or_the_usual_one() -> None:
    assert parse_addresses("tls://a.example.org,10.0.0.2:4333, tls://c") == (
        "tls://a.example.org:4222",
        "tls://10.0.0.2:4333",
        "tls://c:4222",
    )
    assert parse_addresses("[fd00::1]:4222") == ("tls://[fd00::1]:4222",)


@pytest.mark.parametrize(
    "text", ["", "tls://", "a,,b", "http://a", "a:port", "a:70000", "user@a", "a/b", "a b"]
)
def test_what_names_no_broker_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="does not name brokers: give --nats tls://"):
        parse_addresses(text)


def test_a_lacking_certificate_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    authority.ensure_receiver()
    with pytest.raises(NabijError, match=r"no observer\.pem in .* `nabij cluster init` made"):
        NamedBrokers(("tls://a:4222",), tmp_path, print)


def test_messages_are_kept_three_times_where_there_are_three(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    authority.ensure_receiver()
    authority.ensure_observer()
    found = [
        NamedBrokers(tuple(f"tls://{name}:4222" for name in names), tmp_path, print).replicas
        for names in ("a", "ab", "abc", "abcde")
    ]
    assert found == [1, 1, 3, 3]
