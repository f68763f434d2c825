"""What `nabij cluster init` makes: folders for machines that trust one another alone."""

import stat
from pathlib import Path

import pytest
from cryptography import x509

from nabij.centre import cluster
from nabij.centre.link.peer import read_peer
from nabij.errors import NabijError, UsageError

URL = "postgresql://nabij@db.example.org/alarms"


def made(folder: Path) -> Path:
    nodes = [cluster.parse_node(f"{name}=10.0.0.{n}") for n, name in enumerate("abc", 1)]
    nats = cluster.init(
        folder / "new", folder / "office", nodes, hosts=["alarm.example.org"], database=URL
    )
    assert nats == "tls://10.0.0.1:4222,10.0.0.2:4222,10.0.0.3:4222"
    return folder / "new"


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_each_node_is_found_under_its_name_and_the_common_one(tmp_path: Path) -> None:
    new = made(tmp_path)
    for number, name in enumerate("abc", 1):
        shown = certificate(new / name / "pki" / "server.pem")
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["localhost", "alarm.example.org"]
        assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == [
            "127.0.0.1",
            f"10.0.0.{number}",
        ]
        peer = read_peer(new / name)
        assert peer.routes == tuple(f"nats://10.0.0.{n}:6222" for n in (1, 2, 3))
        config = (new / name / "broker" / "nats.conf").read_text()
        assert f'server_name: "{name}"' in config
        assert "stream_replicas: 3" in config


def test_peers_trust_an_authority_that_signs_no_badge(tmp_path: Path) -> None:
    new = made(tmp_path)
    of_badges = certificate(new / "a" / "pki" / "ca.pem")
    of_peers = certificate(new / "a" / "pki" / "routes-ca.pem")
    assert of_badges.subject != of_peers.subject
    certificate(new / "b" / "pki" / "routes.pem").verify_directly_issued_by(of_peers)
    certificate(new / "b" / "pki" / "server.pem").verify_directly_issued_by(of_badges)


def test_no_key_of_an_authority_leaves_the_office_and_no_secret_is_open(tmp_path: Path) -> None:
    new = made(tmp_path)
    names = {file.name for file in new.rglob("*")}
    assert "ca.key" not in names
    assert {"receiver.key", "observer.key", "server.key", "routes.key"} <= names
    for file in [*new.rglob("*.key"), *new.rglob("database.url"), *new.rglob("nats.conf")]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["a", "=10.0.0.1", "receiver=10.0.0.1", "a=10.0.0.1@1,2", "a=x@1,1,2", "a=x@1,2,65536"]
)
def test_what_names_no_node_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="does not name a node: give --node"):
        cluster.parse_node(text)


def test_a_node_may_have_any_ports_that_there_are() -> None:
    peer = cluster.parse_node("a=10.0.0.1@1,2,65535")
    assert (peer.port, peer.link_port, peer.route_port) == (1, 2, 65535)
    with pytest.raises(UsageError, match="does not name a node"):
        cluster.parse_node("a=10.0.0.1@1,2,3,4")


def test_what_would_not_outlive_a_node_or_overwrite_something_is_refused(tmp_path: Path) -> None:
    nodes = [cluster.parse_node(f"{name}=10.0.0.1") for name in "abb"]
    for wrong in (nodes[:2], nodes):
        with pytest.raises(UsageError, match="at least 3 nodes, each with a name of its own"):
            cluster.init(tmp_path / "new", tmp_path, wrong, hosts=(), database=URL)
    new = made(tmp_path)
    with pytest.raises(UsageError, match="is not empty"):
        made(tmp_path)
    (new / "a" / "node.json").write_text("{}")
    with pytest.raises(NabijError, match="is not the description of a node"):
        read_peer(new / "a")
