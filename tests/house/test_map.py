"""The map in docs/architecture.md names every folder of sources, and files that are there."""

import re

from tests.house import journeys
from tests.house.sources import Sources
from tests.places import DOCS, REPO

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
MAP = PAGE[PAGE.index("## The house") : PAGE.index("### The floors")]
ROOTS = ("firmware/badge", "host_tools/nabij", "sim")


def test_the_map_names_every_folder_of_sources():
    headed = {
        root: set(re.findall(r"`([a-z_./]+)/`", part)) | {"."}
        for part in MAP.split("\n### ")
        for root in ROOTS
        if f"`{root}/`" in part.splitlines()[0]
    }
    assert set(headed) == set(ROOTS)
    folders = {file.path.rpartition("/")[0] for file in Sources.read().below(*ROOTS)}
    unnamed = [
        folder
        for root in ROOTS
        for folder in sorted(folders)
        if folder.startswith(f"{root}/") and folder.removeprefix(f"{root}/") not in headed[root]
    ]
    assert unnamed == []


def test_the_journeys_pass_files_that_are_there():
    named = journeys.files()
    assert len(named) > 50
    assert [name for name in named if not (REPO / name).is_file()] == []


def test_no_page_names_a_file_that_is_gone():
    files = {file.path for file in Sources.read().below("firmware", "host_tools", "sim", "tests")}
    gone = [
        f"{page.name}: {name}"
        for page in sorted(DOCS.rglob("*.md"))
        for name in re.findall(r"`([a-z_0-9][a-z_/0-9]*\.py)`", page.read_text(encoding="utf-8"))
        if not any(file == name or file.endswith(f"/{name}") for file in files)
    ]
    assert gone == []
