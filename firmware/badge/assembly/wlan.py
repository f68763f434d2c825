"""Puts together the chip's own radio as a way to the receiver."""

import network

from badge.core.networks import parse
from badge.link.wlan import Wlan


def build(config, log):
    """The Wlan; None where the settings name no network, or the chip has no memory for it."""
    networks = parse(config.wlan_networks)
    if not networks:
        return None
    try:
        nic = network.WLAN(network.STA_IF)
    except (OSError, RuntimeError) as error:
        log.failure("wlan.dead", error)
        return None
    return Wlan(nic, networks, config.time_host, log)
