"""What a modem of the simulator can dial."""

from sim.models.modem.mobile_network import LiveServers
from sim.models.modem.remote import Remote


def servers_for(world, options):
    """What the modem can dial: the remote inside the simulator, or this machine."""
    if options["remote"] is not None:
        return Remote(world, options["remote"])
    if not world.live:
        raise ValueError("In fast mode a modem needs 'remote', the server inside the simulator.")
    return LiveServers(world)
