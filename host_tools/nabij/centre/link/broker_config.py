"""The configuration of nats-server as the receiver's MQTT broker, and who may do what on it.

`verify_and_map` makes the subject of the client certificate the user. A badge may publish to
nabij/<badge>/up and subscribe to nabij/<badge>/down; the receiver has the other half; nobody else
is let in. What a badge publishes elsewhere is acknowledged and dropped by the server. The server
cannot tie a client id to a certificate: whoever connects under another's id ends that connection
(and reads and sends nothing there). So ids are secret, and connections.py tells who tries.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nabij.centre.register.pki import Authority
from nabij.paths import StatePaths, make_folder, write_file

# Cold TLS over LTE-M with a 150 ms public-key step takes seconds; the server's default is 2 s.
HANDSHAKE_TIMEOUT_S: Final = 30
# After this long without our acknowledgement (a full disk) the broker hands the alarm over again.
ACK_WAIT_S: Final = 5
# At most so many alarms are with the receiver at once: receipts then come one by one, and not all
# behind the last of a thousand, so late that everything has been handed over and sent twice.
MOST_UNACKNOWLEDGED: Final = 16
# A badge that listens is one consumer; the server's default of 1,000 silences the badge after.
MOST_CONSUMERS: Final = 200_000
MAX_PAYLOAD: Final = 65536


def write_config(paths: StatePaths, authority: Authority, listen: str, port: int) -> Path:
    """Write the server's configuration file and return it; the users are a file of their own."""
    certificate, key = authority.files("server")
    text = f"""\
server_name: nabij
# The server insists on a listener for NATS clients; no user may come in through it.
listen: "127.0.0.1:-1"
# Read by the receiver alone; it changes nothing and holds no secret.
http: "127.0.0.1:-1"
max_payload: {MAX_PAYLOAD}
jetstream {{
  store_dir: {_quoted(paths.broker / "jetstream")}
  sync_interval: always
  limits {{ default_max_consumers: {MOST_CONSUMERS} }}
}}
mqtt {{
  host: {_quoted(listen)}
  port: {port}
  ack_wait: "{ACK_WAIT_S}s"
  max_ack_pending: {MOST_UNACKNOWLEDGED}
  tls {{
    cert_file: {_quoted(certificate)}
    key_file: {_quoted(key)}
    ca_file: {_quoted(authority.ca_file)}
    verify_and_map: true
    timeout: {HANDSHAKE_TIMEOUT_S}
  }}
}}
include "{paths.broker_users.name}"
"""
    make_folder(paths.broker)
    config = paths.broker / "nats.conf"
    write_file(config, text.encode(), 0o600)
    return config


def write_users(paths: StatePaths, receiver_subject: str, badges: Mapping[str, str]) -> bool:
    """Write who may do what, `badges` being id -> certificate subject; True if it changed."""
    users = [_user(receiver_subject, "nabij.*.down", "nabij.*.up")]
    users += [
        _user(subject, f"nabij.{badge}.up", f"nabij.{badge}.down")
        for badge, subject in sorted(badges.items())
    ]
    lines = "\n".join(users)
    text = f"authorization {{\n  timeout: {HANDSHAKE_TIMEOUT_S}\n  users: [\n{lines}\n  ]\n}}\n"
    data = text.encode()
    if paths.broker_users.exists() and paths.broker_users.read_bytes() == data:
        return False
    write_file(paths.broker_users, data, 0o600)
    return True


def _user(subject: str, publish: str, subscribe: str) -> str:
    # The server delivers QoS 1 messages on $MQTT.sub.>; clients cannot subscribe to that topic.
    return (
        f"    {{ user: {_quoted(subject)}, allowed_connection_types: [MQTT], permissions: {{ "
        f'publish: ["{publish}"], subscribe: ["{subscribe}", "$MQTT.sub.>"] }} }}'
    )


def _quoted(value: str | Path) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
