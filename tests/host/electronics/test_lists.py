"""Bill of materials and netlist: every part once, every line can be bought."""

import csv
import io

from nabij.electronics.lists import bom, netlist
from tests.host.electronics.designs import design


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_part_is_bought_once_and_by_its_makers_number():
    refs = [ref for row in rows(bom(design())) for ref in row["references"].split() if ref != "-"]
    assert sorted(refs) == sorted(part.ref for part in design().parts)
    for row in rows(bom(design())):
        assert row["maker"], row
        assert row["number"], row
        assert int(row["quantity"]) >= 1
        if row["references"] != "-":
            assert int(row["quantity"]) == len(row["references"].split())


def test_what_no_drawing_shows_is_on_the_list():
    whats = " ".join(row["what"] for row in rows(bom(design())))
    for word in ("board with modem", "cell 18650", "SIM", "lanyard", "crimp"):
        assert word in whats, word


def test_the_netlist_has_each_pin_once():
    pins = [(row["reference"], row["pin"]) for row in rows(netlist(design()))]
    assert len(pins) == len(set(pins)) == sum(len(part.pins) for part in design().parts)
    assert {"net": "SOS_LEFT", "reference": "J2", "pin": "3"} in rows(netlist(design()))
