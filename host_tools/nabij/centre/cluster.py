"""Makes what several brokers need that are as one: folders to copy to the machines."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from nabij.centre.database.place import parsed
from nabij.centre.link import named
from nabij.centre.link.broker_config import write_config
from nabij.centre.link.peer import FILE, Folder, Peer
from nabij.centre.register.enrol import DEFAULT_PORT
from nabij.centre.register.pki import Authority, check_host, write_pair
from nabij.errors import UsageError
from nabij.paths import PRIVATE, StatePaths, write_file

ROUTE_PORT: Final = 6222
RECEIVER: Final = "receiver"
# With fewer the loss of one would be the loss of all.
LEAST: Final = 3
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - badges come from everywhere
_NODE: Final = re.compile(r"(?P<name>[A-Za-z0-9-]{1,32})=(?P<host>[^@]+)(@(?P<ports>[0-9,]+))?")


def parse_node(text: str) -> Peer:
    """The node of `name=host` or, with its ports, `name=host@mqtt,nats,routes`; or UsageError."""
    found = _NODE.fullmatch(text)
    ports = [DEFAULT_PORT, named.DEFAULT_PORT, ROUTE_PORT]
    if found and found["ports"]:
        ports = [int(one) for one in found["ports"].split(",") if one]
    if not found or found["name"] == RECEIVER or len(set(ports)) != 3 or max(ports) > 65535:
        raise UsageError(
            f"'{text}' does not name a node: give --node a=10.0.0.1, or "
            "--node a=10.0.0.1@8883,4222,6222 with its ports for badges, receivers and the other "
            "nodes."
        )
    port, link_port, route_port = ports
    return Peer(found["name"], check_host(found["host"]), port, link_port, route_port)


def init(
    folder: Path, state: Path, nodes: Sequence[Peer], *, hosts: Sequence[str], database: str
) -> str:
    """Write a folder for each node and one for receivers; the addresses for `nabij serve --nats`.

    The badges' authority is that of `state`; the nodes have one of their own, kept beside it.
    `hosts` are names under which badges find any node. UsageError for a folder that is not empty.
    """
    if len(nodes) < LEAST or len({one.name for one in nodes}) < len(nodes):
        raise UsageError(
            f"A cluster has at least {LEAST} nodes, each with a name of its own: of fewer none "
            "may fail. Give --node once for each."
        )
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder for what is made.")
    url = parsed(database).render_as_string(hide_password=False)
    paths = StatePaths(state)
    authority = Authority.open_or_create(paths.pki)
    peers = Authority.open_or_create(paths.pki / "routes")
    routes = tuple(f"nats://{one.host}:{one.route_port}" for one in nodes)
    for node in nodes:
        own = StatePaths(folder / node.name)
        write_pair(own.pki, "server", authority.issue_node(node.name, [node.host, *hosts]))
        write_pair(own.pki, "routes", peers.issue_node(node.name, [node.host], is_peer=True))
        write_file(own.pki / "ca.pem", authority.ca.certificate_pem)
        write_file(own.pki / "routes-ca.pem", peers.ca.certificate_pem)
        peer = replace(
            node,
            routes=routes,
            receiver=authority.ensure_receiver(),
            observer=authority.ensure_observer(),
        )
        write_file(own.root / FILE, peer.to_json())
        write_file(own.database_url, f"{url}\n".encode(), PRIVATE)
        write_config(own, Folder(own.pki), EVERYWHERE, node.port, peer)
    _write_receiver(StatePaths(folder / RECEIVER), authority, url)
    return "tls://" + ",".join(f"{one.host}:{one.link_port}" for one in nodes)


def _write_receiver(paths: StatePaths, authority: Authority, url: str) -> None:
    for name in ("receiver", "observer"):
        certificate, key = authority.files(name)
        write_file(paths.pki / key.name, key.read_bytes(), PRIVATE)
        write_file(paths.pki / certificate.name, certificate.read_bytes())
    write_file(paths.pki / "ca.pem", authority.ca.certificate_pem)
    write_file(paths.database_url, f"{url}\n".encode(), PRIVATE)
