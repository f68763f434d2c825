"""Badges with a USB port."""

from collections.abc import Iterator

import pytest

from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.worlds import Site


@pytest.fixture(scope="module")
def badge(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualUsbBadge]:
    """A provisioned badge that is up and armed."""
    folder = tmp_path_factory.mktemp("badge")
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off"), folder) as running:
        running.wait_for_log("armed can_send=True")
        yield running
