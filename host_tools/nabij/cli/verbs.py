"""The verbs of `nabij`: for each its name, the module that has it, and its line in the help."""

from typing import Final, NamedTuple


class Verb(NamedTuple):
    """A verb; `module` has a `typer.Typer` named `app` with it, or that is it (a group).

    `extra` is what to install for it beyond a plain `pip install nabij`.
    """

    name: str
    module: str
    help: str
    extra: str = ""


VERBS: Final = (
    Verb(
        "serve",
        "nabij.cli.serve",
        "Receive alarms: start the broker, keep each alarm once, send the receipt, print it.",
        "receiver",
    ),
    Verb(
        "enrol",
        "nabij.cli.enrol",
        "Make a badge known to the receiver and write the folder it is provisioned with.",
    ),
    Verb(
        "gateway",
        "nabij.cli.gateway",
        "Carry alarms that badges nearby call out by Bluetooth to the receiver; receipts back.",
        "gateway",
    ),
    Verb(
        "sim",
        "nabij.cli.sim",
        "Run a virtual badge against a receiver on this machine: Enter squeezes, Ctrl-C ends.",
        "sim",
    ),
    Verb(
        "demo",
        "nabij.cli.demo",
        "Show the whole chain in half a minute: a fall and a squeeze become two incidents.",
        "receiver,sim",
    ),
    Verb(
        "devices",
        "nabij.cli.devices",
        "List the badges on USB: number, name, board, firmware, slot, battery, last error.",
    ),
    Verb(
        "log",
        "nabij.cli.log",
        "Print the badge's event journal: starts and their causes, alarms, suppressed ones, "
        "faults.",
    ),
    Verb(
        "pull",
        "nabij.cli.pull",
        "Bring the stored motion of alarms home as a trace bundle that `nabij replay` takes.",
    ),
    Verb(
        "update",
        "nabij.cli.update",
        "Send the application of this Nabij into the slot that does not run, and start it.",
    ),
    Verb(
        "doctor",
        "nabij.cli.doctor",
        "Have a badge test its parts, with a verdict for each; exit code 1 when one fails.",
    ),
    Verb(
        "flash",
        "nabij.cli.flash",
        "Put MicroPython and the application on an ESP32-S3, check them there, and start the "
        "badge.",
    ),
    Verb("config", "nabij.cli.config", "Read, check, compare and set a badge's settings."),
    Verb(
        "provision",
        "nabij.cli.provision",
        "Give a badge its identity: key and certificate, the receiver's address, settings, the "
        "time.",
    ),
    Verb(
        "revoke",
        "nabij.cli.revoke",
        "End a badge's access: the receiver refuses its certificate and messages from now on.",
    ),
    Verb(
        "incident",
        "nabij.cli.incident",
        "See, take and close incidents; export one as signed files, verify such a file.",
    ),
    Verb(
        "fleet",
        "nabij.cli.fleet",
        "Change badges by the link, a few at a time: settings, firmware, certificates.",
        "receiver",
    ),
    Verb(
        "plan",
        "nabij.cli.plan",
        "Who is called when nobody takes an alarm: check, import, export, show.",
        "receiver",
    ),
    Verb(
        "register",
        "nabij.cli.register",
        "The employer's register: sheets in and out, what is missing, the risk assessment.",
        "receiver",
    ),
    Verb(
        "cells",
        "nabij.cli.cells",
        "Where the cells of mobile networks are: import a table of OpenCelliD, look into it.",
        "receiver",
    ),
    Verb(
        "privacy",
        "nabij.cli.privacy",
        "What is held of people: terms, the DPIA, a copy for one person, an erasure.",
        "receiver",
    ),
    Verb(
        "location",
        "nabij.cli.location",
        "Where people are outside alarms: the works council's consent, and what was opened.",
        "receiver",
    ),
    Verb(
        "keeper",
        "nabij.cli.keeper",
        "Has the keys of sealed positions, apart from the receiver: run it, check it, its log.",
    ),
    Verb(
        "audit",
        "nabij.cli.audit",
        "The record of who did and saw what: verify it, export its signed anchors.",
        "receiver",
    ),
    Verb(
        "handover",
        "nabij.cli.handover",
        "Professional alarm centres (SIA DC-09): import, export, show, test.",
        "receiver",
    ),
    Verb(
        "sms",
        "nabij.cli.sms",
        "Text messages: who brings them, numbers of badges, the SIM of a modem.",
        "receiver",
    ),
    Verb(
        "drill",
        "nabij.cli.drill",
        "Call people by a plan, flagged DRILL, until somebody takes it; say who was how fast.",
        "receiver",
    ),
    Verb(
        "status",
        "nabij.cli.status",
        "Say whether alarms arrive now, and how receiver, badges and disk are.",
        "receiver",
    ),
    Verb(
        "service",
        "nabij.cli.service",
        "The receiver as a service of systemd, started with the machine.",
        "receiver",
    ),
    Verb(
        "backup",
        "nabij.cli.backup",
        "Write records, authority, keys and settings of a receiver to one encrypted file.",
    ),
    Verb(
        "restore",
        "nabij.cli.restore",
        "Make the state folder of a backup, checked; it must be empty or not there.",
    ),
    Verb(
        "cluster",
        "nabij.cli.cluster",
        "Brokers on several machines that are as one: make their folders, run one.",
        "receiver",
    ),
    Verb(
        "data",
        "nabij.cli.data",
        "Recordings of motion: import published data sets, list and show bundles.",
        "qa",
    ),
    Verb(
        "replay",
        "nabij.cli.replay",
        "Put recordings through the badge's own detector and say how it did.",
        "qa",
    ),
    Verb(
        "compare",
        "nabij.cli.compare",
        "Say on which recordings two configurations differ, and whether chance explains it.",
        "qa",
    ),
    Verb(
        "tune",
        "nabij.cli.tune",
        "Fit the detector's table to recordings and write it as a configuration.",
        "tune",
    ),
    Verb(
        "energy",
        "nabij.cli.energy",
        "Wear a virtual badge for a shift in virtual time; print mAh, hours, and what takes them.",
        "sim",
    ),
    Verb(
        "trace",
        "nabij.cli.trace",
        "List the requirements R01 to R30 with the tests that carry their id.",
        "dev",
    ),
)
