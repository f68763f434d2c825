"""A server that takes what is posted, or does not; it knows the secret and checks all it gets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.waiting import LONG_S


@dataclass
class Inbox:
    """`answers` are statuses, one each, the last for ever: "hang" waits for `gate`, "drip" too."""

    answers: list[int | str] = field(default_factory=lambda: [200])
    got: list[dict[str, Any]] = field(default_factory=list)
    tried: int = 0
    secret: str = ""
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer = inbox.answers[min(inbox.tried, len(inbox.answers) - 1)]
                inbox.tried += 1
                if answer == "hang":
                    inbox.gate.wait(LONG_S)
                    return
                if answer == "drip":
                    # A header without end, one byte at a time.
                    while not inbox.gate.wait(0.05):
                        try:
                            self.wfile.write(b"x")
                        except OSError:
                            return
                    return
                if answer == 200:
                    inbox.got.append(json.loads(body) | {"ours": inbox.is_ours(self, body)})
                self.send_response(int(answer))
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nobody reads it."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alarms?key=of-theirs"

    def events(self) -> list[tuple[int, str]]:
        return [(one["incident"]["seq"], one["what"]) for one in self.got]

    def is_ours(self, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> bool:
        """As whoever receives checks it, by the words of Standard Webhooks."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        number, at_s = handler.headers["webhook-id"], handler.headers["webhook-timestamp"]
        mac = hmac.new(key, f"{number}.{at_s}.".encode() + body, hashlib.sha256).digest()
        wanted = f"v1,{base64.b64encode(mac).decode()}"
        return hmac.compare_digest(handler.headers["webhook-signature"], wanted)

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
