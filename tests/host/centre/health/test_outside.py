"""The address outside is asked for while alarms arrive, and only then."""

import asyncio
import http.server
import threading
from collections.abc import Iterator

import pytest

from nabij.centre.health.outside import Pinger, check_url
from nabij.errors import NabijError, UsageError
from tests.ports import free_port


class Outside(http.server.BaseHTTPRequestHandler):
    """As healthchecks: any GET is a sign of life."""

    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    paths: list[str] = []
    handler = type("Handler", (Outside,), {"paths": paths})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ping/1", paths
        server.shutdown()
        thread.join()


def test_it_is_pinged_as_long_as_alarms_arrive(outside: tuple[str, list[str]]) -> None:
    url, paths = outside
    young = [True]
    pinger = Pinger(url, lambda: young[0])
    asyncio.run(pinger.look())
    assert paths == ["/ping/1"]
    young[0] = False
    asyncio.run(pinger.look())
    assert paths == ["/ping/1"]


def test_an_address_that_does_not_answer_is_named_without_its_secret() -> None:
    pinger = Pinger(f"http://127.0.0.1:{free_port()}/secret", lambda: True)
    with pytest.raises(NabijError) as refused:
        asyncio.run(pinger.look())
    assert "127.0.0.1 cannot be pinged" in refused.value.sentence
    assert "secret" not in refused.value.sentence


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org", "http://", "file:///etc"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        check_url(url)
