"""Puts together what may change a badge for good: its settings and its identity."""

from badge.storage.config_file import ConfigFile
from badge.storage.identity import IdentityError
from badge.storage.provisioning import Provisioning
from badge.tasks.usb.config_console import ConfigConsole
from badge.tasks.usb.provision_console import InTheWay, ProvisionConsole


def load_config(directory, log):
    """The ConfigFile and the Config of this start, once an interrupted provisioning is settled."""
    try:
        Provisioning(directory).settle()
    except (OSError, IdentityError) as error:
        # Flash that fails must not disarm the badge.
        log.failure("identity.not_settled", error)
    config_file = ConfigFile(directory)
    config = config_file.load()
    for what, fault in config_file.faults:
        log.failure(what, fault)
    if config_file.reverted is not None:
        log.event("config.reverted", why=config_file.reverted)
    log.event("config", profile=config.profile, trial=config_file.trial is not None)
    return config_file, config


def build(parts):
    """The ConfigConsole, which watches over a trial, and the ProvisionConsole."""
    common, restart = parts.base.common, parts.restart
    keeper, who = parts.alarms.keeper, parts.alarms.who
    settings = ConfigConsole(
        common,
        parts.config_file,
        restart,
        keeper.under_way,
        lambda: parts.radio is not None and parts.radio.link.is_up,
        parts.supervisor.crashes,
    )
    provisioning = Provisioning(parts.base.directory)
    in_the_way = InTheWay(keeper.under_way, parts.config_file.staged)
    return settings, ProvisionConsole(common, provisioning, who, restart, in_the_way)
