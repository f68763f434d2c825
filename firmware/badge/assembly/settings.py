"""Puts together what may change a badge for good: its settings and its identity."""

from badge.assembly.usb import later
from badge.core import placement
from badge.core.codec.usb_protocol import FRESH, OPEN
from badge.core.settings.config import Config
from badge.storage.config_file import ConfigFile
from badge.storage.identity import IdentityError
from badge.storage.provisioning import Provisioning
from badge.tasks.usb.config_console import ConfigConsole


def load_config(board, log):
    """The ConfigFile and the Config of this start, once an interrupted provisioning is settled.

    What the board cannot do is off in it.
    """
    directory = board.DATA_DIR
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
    return config_file, _of_board(config, board, log)


def _of_board(config, board, log):
    for name in board.IN_VAIN:
        if getattr(config, name):
            log.event("config.in_vain", setting=name)
    off = {}
    if config.tilt_alarm and placement.TILT not in placement.ABLE[board.PLACEMENT]:
        off["tilt_alarm"] = False
    if config.rip_alarm and board.rip_pin() is None:
        off["rip_alarm"] = False
    if board.BUTTONS == 1 and config.sos_gesture == "squeeze":
        # There is nothing to squeeze it against.
        off["sos_gesture"] = "hold"
    if not off:
        return config
    log.event("config.form", form=board.FORM, **off)
    config, faults = Config.examine(dict(config.to_dict(), **off))
    for fault in faults:
        # A profile asks for what this board has not got.
        log.failure("config.refused", fault)
    return config


def build(parts):
    """The ConfigConsole, which watches over a trial, and the verbs of the ProvisionConsole."""
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

    def make():
        # Once in the life of a badge.
        from badge.tasks.usb.provision_console import InTheWay, ProvisionConsole  # noqa: PLC0415

        provisioning = Provisioning(parts.base.directory)
        in_the_way = InTheWay(keeper.under_way, parts.config_file.staged)
        return ProvisionConsole(common, provisioning, who, restart, in_the_way)

    verbs = {
        "provision.state": (OPEN, "state"),
        "provision.begin": (FRESH, "begin"),
        "provision.put": (FRESH, "put"),
        "provision.commit": (FRESH, "commit"),
    }
    return settings, later(common.gate, verbs, make)
