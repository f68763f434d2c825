"""Runs under MicroPython: power cuts while a badge gets an identity, and then another one.

Arguments: "whole" or "torn" (the operation that is cut is not done, or half done), then optionally
one step number to try alone.
"""

import binascii
import hashlib
import json
import os
import sys

from badge.storage import files, identity
from badge.storage.identity import IdentityError
from badge.storage.provisioning import Provisioning
from tests.cut.mp_power import ROOT, cut_each, powered

CHUNK = 300


def files_of(number):
    """The files of an identity; in sizes as real ones have."""
    fields = {
        "badge": "badge-%d" % number,
        "hmac_key": "%02x" % number * 32,
        "host": "alarm-%d.example.org" % number,
        "port": 8883 + number,
        "apn": "",
    }
    mark = bytes([number])
    return {
        "identity.json": json.dumps(fields).encode(),
        "ca.der": mark * 420,
        "badge.der": mark * 560,
        "badge.key.der": mark * 138,
        "config.json": json.dumps({"profile": "pna11", "keepalive_s": 50 + number}).encode(),
    }


class Witness:
    """Which identities the badge may have: the last that was promised, or the one under way."""

    def __init__(self):
        self.whole = None
        self.under_way = None


def start():
    """One start of the badge: its Provisioning, and the number of the identity it has."""
    provisioning = Provisioning(ROOT)
    provisioning.settle()
    code = None
    try:
        who = identity.load(ROOT)
    except IdentityError as error:
        code = error.code
    if code is not None:
        assert code == "identity.missing", code
        feel(None)
        return provisioning, None
    number = int(who.badge[6:])
    expected = files_of(number)
    fields = json.loads(expected["identity.json"])
    assert binascii.hexlify(who.hmac_key).decode() == fields["hmac_key"]
    assert (who.host, who.port) == (fields["host"], fields["port"])
    assert who.ca_der == expected["ca.der"]
    assert who.cert_der == expected["badge.der"]
    assert who.key_der == expected["badge.key.der"]
    assert files.read(ROOT + "config.json") == expected["config.json"]
    feel(number)
    return provisioning, number


def feel(number):
    """No motion of another identity is left; some of this one is stored."""
    whose = str(number).encode()
    for name in files.names(ROOT + "motion"):
        # What a cut left half written has no name yet.
        if not name.endswith(".new"):
            assert files.read(ROOT + "motion/" + name) == whose, name
    if not files.is_folder(ROOT + "motion"):
        os.mkdir(ROOT + "motion")
    if files.read(ROOT + "motion/1-1.nbm") != whose:
        files.replace(ROOT + "motion/1-1.nbm", whose)


def provision(witness, number):
    """A start in which the badge is given the identity with this number."""

    def run():
        provisioning, before = start()
        assert before == witness.whole
        provisioning.begin()
        digests = {}
        for name, data in files_of(number).items():
            for at in range(0, len(data), CHUNK):
                provisioning.put(name, at, data[at : at + CHUNK])
            digests[name] = binascii.hexlify(hashlib.sha256(data).digest()).decode()
        witness.under_way = number
        provisioning.commit(digests)
        witness.whole, witness.under_way = number, None

    return run


def starts(witness):
    """A blank badge, a second identity, a third, and the start after it."""

    def last():
        assert start()[1] == witness.whole

    return provision(witness, 1), provision(witness, 2), provision(witness, 3), last


def check(flash, witness):
    """One whole identity, the same at each start, with its own settings and nothing left over."""

    def restart():
        _, number = start()
        found = [name for name in files.names(ROOT[:-1]) if name.startswith("identity")]
        assert len(found) == (0 if number is None else 1), found
        return number

    number = powered(flash, restart)
    allowed = [witness.whole] if witness.under_way is None else [witness.whole, witness.under_way]
    assert number in allowed, (number, allowed)
    assert powered(flash, restart) == number
    # The badge can be provisioned as if nothing had happened.
    again = Witness()
    again.whole = number
    powered(flash, provision(again, 9))
    assert powered(flash, restart) == 9


def prepare():
    """A badge as it comes from `nabij flash`."""


def main(how, only=None):
    cut_each(how, only, prepare, starts, check, Witness)


main(*sys.argv[1:])
