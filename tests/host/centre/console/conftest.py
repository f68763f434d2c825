"""One receiver with its console for all tests of a worker."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.host.centre.console import browser
from tests.host.centre.console.desk_site import ConsoleSite


@pytest.fixture(scope="session")
def console_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    site = ConsoleSite(tmp_path_factory.mktemp("console"))
    yield site
    site.close()


# Of the one module that needs it: while it runs, this thread can run no other event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.started() as started:
        yield started
