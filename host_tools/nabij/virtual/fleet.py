"""Many light badges on one thread: real frames over TLS and MQTT, and nothing of a badge beside.

Plain sockets, because asyncio keeps ten times the memory of one for its TLS. For what many badges
cost a receiver, its broker and this machine; what a badge does is the virtual badge's to show.
"""

import base64
import contextlib
import resource
import selectors
import socket
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Self

from badge.core.alarm import kinds
from badge.core.codec import mqtt, wire
from nabij.centre.register.enrol import Prepared
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths, read_file
from nabij.version import this_version

PATIENCE_S: Final = 60.0
# Of many the broker reads its list for seconds.
LET_IN_S: Final = 60.0
KEEPALIVE_S: Final = 60
# Files that a process has open besides its badges.
_SPARE_FILES: Final = 64
_CHUNK: Final = 4096
_LONGEST_PACKET: Final = 70_000


@dataclass(frozen=True)
class Cost:
    """CPU seconds and resident bytes of a process, since it began and now."""

    cpu_s: float
    memory: int


@dataclass
class Figures:
    """What was measured; times in seconds, `memory` in bytes and `cpu_ms` a badge."""

    badges: int
    connect_s: float = 0.0
    refused: int = 0
    lost: int = 0
    own_memory: int = 0
    own_cpu_ms: float = 0.0
    broker_memory: int | None = None
    broker_cpu_ms: float | None = None
    alarms: int = 0
    receipts: int = 0
    receipt_p50_s: float | None = None
    receipt_p99_s: float | None = None

    def fields(self) -> dict[str, object]:
        """Everything, for JSON."""
        return asdict(self)


class LightBadge:
    """One connection. ConnectionError when the broker does not let it in or listen."""

    __slots__ = ("_key", "_packets", "badge", "is_lost", "sent_s", "socket")

    def __init__(self, prepared: Prepared, host: str, port: int) -> None:
        self.badge = prepared.record.badge
        self.is_lost = False
        self._key = prepared.record.hmac_key
        self._packets = mqtt.PacketReader(_LONGEST_PACKET)
        plain = socket.create_connection((host, port), PATIENCE_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = _context(prepared).wrap_socket(plain, server_hostname=host)
        self.sent_s = time.monotonic()
        try:
            self._begin()
        except BaseException:
            self.socket.close()
            raise

    def _begin(self) -> None:
        connect = mqtt.connect(wire.client_id(self.badge, self._key), KEEPALIVE_S, 1)
        if mqtt.read_connack(*self._ask(connect))[1]:
            raise ConnectionError("the broker refuses the badge")
        if not mqtt.read_suback(*self._ask(mqtt.subscribe(1, wire.down_topic(self.badge))))[1]:
            raise ConnectionError("the broker does not let the badge listen")
        version = this_version().version[: wire.VERSION_MAX]
        hello = wire.Hello(
            badge=self.badge,
            boot=1,
            count=1,
            version=version,
            keepalive_s=KEEPALIVE_S,
            battery_percent=80,
            open=(),
            position=None,
            cell=None,
            zone=None,
        )
        frame = wire.encode_hello(self._key, hello)
        self._send(mqtt.publish_once(wire.up_topic(self.badge), frame))

    def raise_test(self, seq: int) -> None:
        """Send a test alarm once."""
        frame = wire.encode_alarm(
            self._key, self.badge, 1, seq, kinds.SOS, 0, rev=1, flags=wire.FLAG_TEST
        )
        self._send(mqtt.publish(wire.up_topic(self.badge), frame, seq))

    def keep_alive(self, now_s: float) -> None:
        """Say something when that is due, as a badge does that has nothing to say."""
        if now_s - self.sent_s > KEEPALIVE_S * 0.75:
            self._send(mqtt.PINGREQ)

    def read(self) -> list[wire.Status]:
        """What it was told meanwhile."""
        found = []
        came = self.socket.recv(_CHUNK)
        if not came:
            raise ConnectionError("the broker ended the connection")
        self._packets.feed(came)
        while self.socket.pending():
            self._packets.feed(self.socket.recv(_CHUNK))
        while (packet := self._packets.next()) is not None:
            if packet[0] >> 4 == mqtt.PUBLISH:
                _topic, payload, _packet_id = mqtt.read_publish(*packet)
                found.append(wire.decode_status(payload, self._key, self.badge))
        return found

    def _send(self, packet: bytes) -> None:
        self.socket.sendall(packet)
        self.sent_s = time.monotonic()

    def _ask(self, packet: bytes) -> tuple[int, bytes]:
        self._send(packet)
        while (answer := self._packets.next()) is None:
            came = self.socket.recv(_CHUNK)
            if not came:
                raise ConnectionError("the broker ended the connection")
            self._packets.feed(came)
        first, body = answer
        return int(first), bytes(body)


@dataclass
class Fleet:
    """Badges that connect one after the other and stay, until the end of `with`.

    `broker` is the process whose cost is measured too, None for one that is elsewhere.
    """

    identities: Sequence[Prepared]
    host: str
    port: int
    broker: int | None = None
    badges: list[LightBadge] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.figures = Figures(len(self.identities))
        self._selector = selectors.DefaultSelector()
        self._sent_s: dict[tuple[str, int], float] = {}
        self._taken_s: list[float] = []
        self._next_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        for badge in self.badges:
            with contextlib.suppress(OSError):
                badge.socket.close()
        self._selector.close()

    def connect(self, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Connect all; those that are refused are counted, and `tell` hears how far it is."""
        own, broker = own_cost(), _cost_of(self.broker)
        began_s = time.monotonic()
        for identity in self.identities:
            try:
                badge = LightBadge(identity, self.host, self.port)
            except (OSError, ssl.SSLError):
                self.figures.refused += 1
                continue
            self.badges.append(badge)
            self._selector.register(badge.socket, selectors.EVENT_READ, badge)
            if len(self.badges) % 500 == 0:
                tell(len(self.badges))
                self.stay(0.0)
        self.figures.connect_s = time.monotonic() - began_s
        count = max(1, len(self.badges))
        found = own_cost()
        self.figures.own_memory = (found.memory - own.memory) // count
        self.figures.own_cpu_ms = (found.cpu_s - own.cpu_s) * 1000 / count
        later = _cost_of(self.broker)
        if broker is not None and later is not None:
            self.figures.broker_memory = (later.memory - broker.memory) // count
            self.figures.broker_cpu_ms = (later.cpu_s - broker.cpu_s) * 1000 / count

    def raise_tests(self, a_second: float) -> None:
        """A test alarm of each badge, so many a second; then wait for the receipts."""
        began_s = time.monotonic()
        for number, badge in enumerate(self.badges, 1):
            self.stay(max(0.0, began_s + number / a_second - time.monotonic()))
            self._try(badge, lambda one: one.raise_test(1))
            self._sent_s[badge.badge, 1] = time.monotonic()
        end_s = time.monotonic() + PATIENCE_S
        while len(self._taken_s) < len(self._sent_s) and time.monotonic() < end_s:
            self.stay(0.1)
        self.figures.alarms = len(self._sent_s)
        self.figures.receipts = len(self._taken_s)
        if len(self._taken_s) > 1:
            parts = statistics.quantiles(self._taken_s, n=100)
            self.figures.receipt_p50_s, self.figures.receipt_p99_s = parts[49], parts[98]

    def stay(self, for_s: float) -> None:
        """Stay connected, and read what comes."""
        end_s = time.monotonic() + for_s
        while True:
            left_s = end_s - time.monotonic()
            for ready, _events in self._selector.select(max(0.0, min(left_s, 1.0))):
                self._try(ready.data, self._read)
            now_s = time.monotonic()
            if now_s >= self._next_s:
                self._next_s = now_s + 1.0
                for badge in self.badges:
                    self._try(badge, partial(LightBadge.keep_alive, now_s=now_s))
            if now_s >= end_s:
                return

    def _read(self, badge: LightBadge) -> None:
        for status in badge.read():
            sent_s = self._sent_s.get((badge.badge, status.seq))
            if sent_s is not None:
                self._taken_s.append(time.monotonic() - sent_s)

    def _try(self, badge: LightBadge, work: Callable[[LightBadge], None]) -> None:
        if badge.is_lost:
            return
        try:
            work(badge)
        except (OSError, ssl.SSLError):
            badge.is_lost = True
            self.figures.lost += 1
            self._selector.unregister(badge.socket)


def allow(count: int) -> None:
    """Have the system let this process open so many connections; UsageError when it does not."""
    wanted = count + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise UsageError(
            f"This user may open {hard:,} files, too few for {count:,} badges: give a smaller "
            "--fleet, or raise the limit (ulimit -Hn)."
        )
    if soft != resource.RLIM_INFINITY and wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def own_cost() -> Cost:
    """Of this process."""
    found = _cost_of(None, own=True)
    if found is None:
        raise NabijError("What a fleet costs can be read on Linux only: run it there.")
    return found


def _cost_of(pid: int | None, *, own: bool = False) -> Cost | None:
    """Of a process of this machine; None for none, or where that cannot be read."""
    name = "self" if own else str(pid)
    try:
        fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
    return Cost(ticks / 100, pages * resource.getpagesize())


def broker_of(state: Path) -> int | None:
    """The nats-server that the receiver of a state folder has started; None when it has none."""
    holder = read_file(StatePaths(state).lock, "the lock", "start the receiver").decode().strip()
    return _child_of(int(holder)) if holder.isdecimal() else None


def wait_until_let_in(identity: Prepared, host: str, port: int) -> None:
    """Return when the broker knows the badge, which takes a while; NabijError if it never does."""
    end_s = time.monotonic() + LET_IN_S
    while True:
        try:
            LightBadge(identity, host, port).socket.close()
        except (OSError, ssl.SSLError) as error:
            if time.monotonic() > end_s:
                raise NabijError(
                    f"No badge is let in at port {port} ({error}): give the receiver's --port."
                ) from error
            time.sleep(0.5)
        else:
            return


def _child_of(pid: int) -> int | None:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            head, _, rest = (folder / "stat").read_text().rpartition(")")
            if "nats-server" in head and int(rest.split()[1]) == pid:
                return int(folder.name)
    return None


def _context(prepared: Prepared) -> ssl.SSLContext:
    """What the badge shows, and whom it trusts; Python reads certificates from files alone."""
    files = prepared.files
    context = ssl.create_default_context(cadata=files["ca.der"])
    with tempfile.NamedTemporaryFile("wb", suffix=".pem") as pem:
        pem.write(ssl.DER_cert_to_PEM_cert(files["badge.der"]).encode())
        pem.write(_key_pem(files["badge.key.der"]))
        pem.flush()
        context.load_cert_chain(pem.name)
    return context


def _key_pem(der: bytes) -> bytes:
    text = base64.encodebytes(der)
    return b"-----BEGIN PRIVATE KEY-----\n" + text + b"-----END PRIVATE KEY-----\n"


def lines(figures: Figures) -> list[str]:
    """For a person."""
    one = figures
    found = [
        (
            f"{one.badges - one.refused:,} of {one.badges:,} badges connected in "
            f"{one.connect_s:.1f} s."
        ),
        (
            f"A badge here: {one.own_memory / 1000:.0f} kB, {one.own_cpu_ms:.1f} ms of CPU to "
            "connect."
        ),
    ]
    if one.broker_memory is not None and one.broker_cpu_ms is not None:
        found.append(
            f"A badge at the broker: {one.broker_memory / 1000:.0f} kB, "
            f"{one.broker_cpu_ms:.1f} ms of CPU to connect."
        )
    if one.receipt_p50_s is not None and one.receipt_p99_s is not None:
        found.append(
            f"{one.receipts:,} of {one.alarms:,} test alarms have their receipt, half within "
            f"{one.receipt_p50_s * 1000:.0f} ms, 99 in 100 within "
            f"{one.receipt_p99_s * 1000:.0f} ms."
        )
    if one.lost:
        found.append(f"{one.lost:,} CONNECTIONS WERE LOST: see what the receiver says.")
    return found
