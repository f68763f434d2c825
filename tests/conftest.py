"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nabij import places
from tests.host.centre import postgres
from tests.places import REPO
from tests.worlds import Site, make_site

RUN_FOLDER = "NABIJ_RUN_FOLDER"
# Shared machines are noisy: how long an example takes says nothing about what it tests.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # The workers have it from here.
        folder = Path(tempfile.mkdtemp(prefix="nabij-run-"))
        (folder / postgres.OWNER).write_text(str(os.getpid()))
        os.environ[RUN_FOLDER] = str(folder)
        # No test finds the receiver of whoever runs it.
        os.environ["NABIJ_STATE"] = str(folder / "no-state")
    others = ("tests.soak_profile", "tests.mutants.profile")
    if not any(config.pluginmanager.hasplugin(name) for name in others):
        settings.load_profile("house")


def pytest_unconfigure(config: pytest.Config) -> None:
    """At the end of the run as a whole, after all its workers."""
    if not hasattr(config, "workerinput"):
        postgres.end(Path(os.environ.pop(RUN_FOLDER)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays to the end: looking for garbage in it takes long."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name what nobody can read by its length: its bytes may differ from worker to worker."""
    if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()):
        return f"{len(val)} bytes"
    return None


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder of this run that all its workers share."""
    return Path(os.environ[RUN_FOLDER])


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the working tree."""
    return REPO


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of recorded trace bundles; skips without it."""
    folder = places.recordings()
    if not folder.is_dir():
        pytest.skip("no recordings here; set NABIJ_DATA to a folder of trace bundles")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One receiver and one enrolled badge."""
    return make_site(tmp_path_factory.mktemp("site"))
