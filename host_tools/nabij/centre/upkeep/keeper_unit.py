"""`nabij keeper` as a service of systemd: a user of its own, and no network."""

from typing import Final

from nabij.centre.upkeep.unit import HARDENED, program
from nabij.errors import UsageError

NAME: Final = "nabij-keeper.service"
FOLDER: Final = "/var/lib/nabij-keeper"
SOCKET: Final = "/run/nabij-keeper/socket"


def text(user: str, receiver_user: str, keep_hours: int, claims: int) -> str:
    """The unit file; UsageError for one user for both."""
    if user == receiver_user:
        raise UsageError(
            f"{user} cannot be both: who is one user can read all of it. Give each its own."
        )
    return f"""\
[Unit]
Description=Nabij keeper of sealed positions
Before=nabij.service

[Service]
User={user}
StateDirectory=nabij-keeper
StateDirectoryMode=0700
# Open to look at: the keeper asks the system who is at the other end.
RuntimeDirectory=nabij-keeper
RuntimeDirectoryMode=0755
Environment=PYTHONUNBUFFERED=1
ExecStart={program()} keeper run {FOLDER} --socket {SOCKET} \\
    --receiver-user {receiver_user} --keep-hours {keep_hours} --claims {claims}
Restart=always
RestartSec=2
LimitCORE=0
MemorySwapMax=0
UMask=0077

PrivateNetwork=true
RestrictAddressFamilies=AF_UNIX
ProtectHome=read-only
CapabilityBoundingSet=
{HARDENED}
[Install]
WantedBy=multi-user.target
"""
