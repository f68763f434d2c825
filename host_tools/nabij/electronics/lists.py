"""Lists of a design as CSV: the bill of materials and the netlist, each line as people count."""

import csv
import io
from collections.abc import Iterable

from nabij.electronics.pod import Design, Kind

_BOM = ("quantity", "references", "value", "what", "maker", "number")


def bom_rows(design: Design) -> list[tuple[str, str, str, str, str, str]]:
    """One line for each thing to buy, with its maker's number; the loose ones come last."""
    by_kind: dict[tuple[str, str], tuple[Kind, list[str]]] = {}
    for part in design.parts:
        key = part.kind.maker, part.kind.number
        by_kind.setdefault(key, (part.kind, []))[1].append(part.ref)
    rows = [
        (str(len(refs)), " ".join(refs), kind.value, kind.what, kind.maker, kind.number)
        for kind, refs in by_kind.values()
    ]
    return rows + [
        (str(one.quantity), "-", "-", one.what, one.maker, one.number) for one in design.loose
    ]


def bom(design: Design) -> str:
    """bom.csv."""
    return _csv(_BOM, bom_rows(design))


def netlist(design: Design) -> str:
    """netlist.csv: every pin of every net."""
    rows = [(net, ref, pin) for net, pins in design.nets().items() for ref, pin in pins]
    return _csv(("net", "reference", "pin"), rows)


def _csv(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
