"""What a receiver of `nabij serve` does beside taking alarms: console, SMS, upkeep, location."""

import queue
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nabij.errors import UsageError

if TYPE_CHECKING:
    from nabij.centre.console.address import Address
    from nabij.centre.service import Receiver
    from nabij.centre.upkeep.certificates import Certificates

Say = Callable[[str], None]


@dataclass(frozen=True)
class Where:
    """Where console and text messages are, and who seals locations; None for what there is not.

    `own` has the receiver's own certificates.
    """

    console: "Address | None"
    sms: "Address | None"
    modem: str | None
    own: Path
    keeper: Path | None


def attach(
    receiver: "Receiver", where: Where, hangups: "queue.SimpleQueue[None]", say: Say
) -> None:
    """Attach all of it, and what has certificates read again when they change."""
    from nabij.centre.upkeep.certificates import Certificates

    renewals = (
        _attach_console(receiver, where.console, say),
        _attach_sms(receiver, where.sms, where.modem, say),
    )
    addresses = [one for one in (where.console, where.sms) if one is not None]
    given = [one.files for one in addresses if one.files is not None]
    certificates = Certificates(
        where.own, given, hangups, lambda: [renew() for renew in renewals], say
    )
    _attach_upkeep(receiver, certificates, say)
    _attach_location(receiver, where.keeper, say)


def console_address(
    console: str | None, certificate: Path | None, key: Path | None
) -> "Address | None":
    """Where the console listens, if it does; UsageError for what is no address."""
    from nabij.centre.console.address import parsed

    if console is not None:
        return parsed(console, certificate, key)
    if certificate or key:
        raise UsageError("--console-cert and --console-key are of the console: give --console.")
    return None


def sms_address(
    listen: str | None, certificate: Path | None, key: Path | None
) -> "Address | None":
    """Where services post text messages, if they do; UsageError for what cannot be."""
    from nabij.centre.console.address import parsed
    from nabij.centre.sms.listening import OPTIONS, checked

    if listen is not None:
        return checked(parsed(listen, certificate, key, OPTIONS))
    if certificate or key:
        raise UsageError("--sms-cert and --sms-key are of --sms-listen: give that too.")
    return None


def _attach_console(
    receiver: "Receiver", address: "Address | None", say: Say
) -> Callable[[], None]:
    """Have a console served there; what makes it show the certificate that its files have now."""
    if address is None:
        return lambda: None
    from nabij.centre.console.console import Console

    served = Console(address, say)
    # Of listeners with one name one is told, and each console has pages of its own to tell.
    receiver.listen(f"console {socket.gethostname()} {address}", served.hear)
    receiver.watch(served.look_again)
    receiver.recur(served.job)
    receiver.attach(served)
    return served.renew


def _attach_sms(
    receiver: "Receiver", listen: "Address | None", modem: str | None, say: Say
) -> Callable[[], None]:
    """Have text messages taken there; what makes it show the certificate that its files have."""
    from nabij.centre.sms import desk
    from nabij.centre.sms.sms import Sms, Ways

    receiver.recur(lambda one: desk.requests_job(one.paths, one.store, say))
    if listen is None and modem is None:
        return lambda: None
    sms = Sms(Ways(listen, modem), say)
    receiver.recur(sms.job)
    receiver.recur(sms.answering_job)
    receiver.attach(sms)
    return sms.renew


def _attach_upkeep(receiver: "Receiver", certificates: "Certificates", say: Say) -> None:
    from nabij.centre.fleet.fleet import Fleet
    from nabij.centre.handover import handover
    from nabij.centre.motion.shelf import MotionShelf
    from nabij.centre.privacy.desk import requests_job
    from nabij.centre.privacy.purge import Purge
    from nabij.centre.upkeep.anchor_watch import anchor_job
    from nabij.centre.upkeep.copies import CopyWatch
    from nabij.centre.webhooks.webhooks import Webhooks
    from nabij.centre.workforce.desk import sheets_job
    from nabij.centre.workforce.permit_watch import PermitWatch

    permits = PermitWatch(say)
    receiver.lacks_permit = permits.lacks
    receiver.recur(lambda one: permits.job(one.store, one.tell))
    webhooks = Webhooks(say)
    receiver.recur(webhooks.job)
    receiver.attach(webhooks)
    receiver.attach(Fleet(say))
    receiver.attach(MotionShelf(say))
    handing = handover.Handover(receiver, say)
    receiver.listen(handover.NAME, handing.hear)
    receiver.attach(handing)
    receiver.recur(lambda _receiver: handing.job())
    receiver.recur(certificates.reading)
    receiver.recur(certificates.watching)
    receiver.recur(lambda one: CopyWatch(one.paths, one.store).job())
    receiver.recur(lambda one: anchor_job(one.store))
    receiver.recur(lambda one: sheets_job(one.paths, one.store, say))
    receiver.recur(lambda one: requests_job(one.paths, one.store, say))
    receiver.recur(lambda one: Purge().job(one.store))


def _attach_location(receiver: "Receiver", keeper: Path | None, say: Say) -> None:
    from nabij.centre.location.desk import requests_job
    from nabij.centre.location.location import Location

    location = Location(keeper)
    receiver.location = location
    receiver.attach(location)
    receiver.recur(lambda _receiver: location.job())
    receiver.recur(lambda one: requests_job(one.paths, one.store, say, location.wake))
