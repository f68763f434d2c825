"""The configuration of nats-server as the receiver's broker, and who may do what on it.

`verify_and_map` makes the subject of the client certificate the user. A badge comes in by MQTT: it
may publish to nabij/<badge>/up, and to nabij/<badge>/motion what no stream keeps, and subscribe to
nabij/<badge>/down. The receiver comes in by NATS on loopback: it has the other half and the
server's streams, and as an observer it hears who connects, and ends who is revoked. Nobody else is
let in. What a badge publishes elsewhere is acknowledged and dropped.
The server cannot tie a client id to a certificate: whoever connects under another's id ends that
connection (and reads and sends nothing there). So ids are secret, and connections.py tells who
tries.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nabij.centre.link.peer import Certificates, Peer
from nabij.paths import StatePaths, make_folder, write_file

# Cold TLS over LTE-M with a 150 ms public-key step takes seconds; the server's default is 2 s.
HANDSHAKE_TIMEOUT_S: Final = 30
# A badge with older firmware that listens is one consumer; the server's default of 1,000 silences
# the badge after.
MOST_CONSUMERS: Final = 200_000
MAX_PAYLOAD: Final = 65536
# Of all streams, those for older firmware included.
MOST_FILE_BYTES: Final = 4 << 30
# The way of an alarm and its receipt, under a name that no badge can have.
PROBE_UP: Final = "nabij/_probe/up"
PROBE_DOWN: Final = "nabij/_probe/down"
# Also what older firmware is to have kept.
_KEPT_BY_ALL: Final = "\n  stream_replicas: 3"
# Where nats-server keeps messages at QoS 1 for the sessions of MQTT that listen at QoS 1.
KEPT_SUBJECTS: Final = "$MQTT.msgs."


def write_config(
    paths: StatePaths, certificates: Certificates, listen: str, port: int, peer: Peer | None = None
) -> Path:
    """Write the server's configuration file and return it; the users are a file of their own.

    `peer` is what makes it one of several.
    """
    text = f"""\
server_name: {_quoted("nabij" if peer is None else peer.name)}
# The receivers' own way in; TLS from the first byte on.
listen: {_quoted("127.0.0.1:-1" if peer is None else f"{listen}:{peer.link_port}")}
tls {{
  {_tls(certificates)}
  handshake_first: true
}}
max_payload: {MAX_PAYLOAD}
jetstream {{
  store_dir: {_quoted(paths.broker / "jetstream")}
  sync_interval: always
  # Said here, for the server's own guess goes by what is free when it starts.
  max_file_store: {MOST_FILE_BYTES}
  limits {{ default_max_consumers: {MOST_CONSUMERS} }}
}}
mqtt {{
  host: {_quoted(listen)}
  port: {port}
  tls {{
    {_tls(certificates)}
  }}{"" if peer is None else _KEPT_BY_ALL}
}}
{"" if peer is None else _cluster(paths, listen, peer)}include "{paths.broker_users.name}"
"""
    make_folder(paths.broker)
    config = paths.broker / "nats.conf"
    write_file(config, text.encode(), 0o600)
    return config


def write_users(
    paths: StatePaths, receiver_subject: str, observer_subject: str, badges: Mapping[str, str]
) -> bool:
    """Write who may do what, `badges` being id -> certificate subject; True if it changed."""
    # The consumer's acknowledgements; the server's streams; what older firmware has to have kept.
    probe_up, probe_down = (topic.replace("/", ".") for topic in (PROBE_UP, PROBE_DOWN))
    publish = ["nabij.*.down", probe_up, "$JS.API.>", "$JS.ACK.>", f"{KEPT_SUBJECTS}nabij.*.down"]
    # What badges say, also beside the stream: an answer is for the one who ordered.
    heard_too = ["_INBOX.>", probe_down, "nabij.*.up", "nabij.*.motion"]
    users = [_user(receiver_subject, "STANDARD", publish, heard_too)]
    users += [
        # The server delivers QoS 1 messages on $MQTT.sub.>; no client can subscribe to that topic.
        _user(
            subject,
            "MQTT",
            [f"nabij.{badge}.up", f"nabij.{badge}.motion"],
            [f"nabij.{badge}.down", "$MQTT.sub.>"],
        )
        for badge, subject in sorted(badges.items())
    ]
    heard = ["$SYS.ACCOUNT.$G.CONNECT", "$SYS.ACCOUNT.$G.DISCONNECT", "_INBOX.>"]
    asked = ["PING", "*.CONNZ", "*.KICK"]
    observer = _user(
        observer_subject, "STANDARD", [f"$SYS.REQ.SERVER.{one}" for one in asked], heard
    )
    lines = "\n".join(users)
    text = (
        f"authorization {{\n  timeout: {HANDSHAKE_TIMEOUT_S}\n  users: [\n{lines}\n  ]\n}}\n"
        f"accounts {{ SYSTEM {{ users: [\n{observer}\n] }} }}\n"
        "system_account: SYSTEM\n"
    )
    data = text.encode()
    if paths.broker_users.exists() and paths.broker_users.read_bytes() == data:
        return False
    write_file(paths.broker_users, data, 0o600)
    return True


def _cluster(paths: StatePaths, listen: str, peer: Peer) -> str:
    """Peers have an authority of their own: no badge's certificate opens this way."""
    certificate, key, ca = (paths.pki / name for name in peer.FILES)
    return f"""\
cluster {{
  name: nabij
  listen: {_quoted(f"{listen}:{peer.route_port}")}
  no_advertise: true
  tls {{
    cert_file: {_quoted(certificate)}, key_file: {_quoted(key)}, ca_file: {_quoted(ca)}
    verify: true, timeout: {HANDSHAKE_TIMEOUT_S}
  }}
  routes: {_list(list(peer.routes))}
}}
"""


def _tls(authority: Certificates) -> str:
    certificate, key = authority.files("server")
    return (
        f"cert_file: {_quoted(certificate)}, key_file: {_quoted(key)}, "
        f"ca_file: {_quoted(authority.ca_file)}, verify_and_map: true, "
        f"timeout: {HANDSHAKE_TIMEOUT_S}"
    )


def _user(subject: str, way: str, publish: list[str], subscribe: list[str]) -> str:
    return (
        f"    {{ user: {_quoted(subject)}, allowed_connection_types: [{way}], permissions: {{ "
        f"publish: {_list(publish)}, subscribe: {_list(subscribe)} }} }}"
    )


def _list(values: list[str]) -> str:
    return "[" + ", ".join(map(_quoted, values)) + "]"


def _quoted(value: str | Path) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
