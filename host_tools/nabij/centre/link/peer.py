"""What makes a broker one of several that are as one: its name, its ports, and its peers."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from nabij.errors import NabijError, UsageError
from nabij.paths import read_file

FILE: Final = "node.json"


class Certificates(Protocol):
    """What a broker shows, and whom it trusts."""

    @property
    def ca_file(self) -> Path:
        """The authority of badges and receivers."""

    def files(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of "server"."""


@dataclass(frozen=True)
class Folder:
    """Certificates that somebody else has made, in a folder."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def files(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


@dataclass(frozen=True)
class Peer:
    """`routes` are URLs of all peers; badges, receivers and peers each have a port.

    `receiver` and `observer` are the subjects with which receivers come in.
    """

    # In the folder of its certificates: what peers show one another.
    FILES: ClassVar[tuple[str, str, str]] = ("routes.pem", "routes.key", "routes-ca.pem")

    name: str
    host: str
    port: int
    link_port: int
    route_port: int
    routes: tuple[str, ...] = ()
    receiver: str = ""
    observer: str = ""

    def to_json(self) -> bytes:
        """As it is kept in the folder of the node."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"


def read_peer(folder: Path) -> Peer:
    """The node that a folder is of; NabijError in a sentence when it is of none."""
    remedy = "make the cluster's folders again with `nabij cluster init`"
    if not (folder / FILE).is_file():
        raise UsageError(f"There is no node of a cluster in {folder}: {remedy}.")
    data = read_file(folder / FILE, "the node's description", remedy)
    try:
        values: dict[str, Any] = json.loads(data)
        return Peer(**(values | {"routes": tuple(values["routes"])}))
    except (ValueError, KeyError, TypeError) as error:
        raise NabijError(f"{folder / FILE} is not the description of a node: {remedy}.") from error
