"""What `pip install nabij` gives: a wheel with all it needs, in environments without a clone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nabij import extras, version
from sim.usb.rom_loader import RomLoader
from tests.host.installed.environment import Environment, make
from tests.host.usb.images import image_path
from tests.house.sources import Sources
from tests.places import REPO

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return make(tmp_path_factory.mktemp("plain"), wheel)


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_ships_firmware_simulator_and_boards_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        shipped = {name: file.read(name) for name in names if name.endswith("badge/app.py")}
    assert {
        "nabij/shipped/firmware/main.py",
        "nabij/shipped/sim/boot.py",
        "nabij/shipped/sim/usb/rom_loader.py",
        "nabij/shipped/hardware/power.toml",
        "nabij/shipped/hardware/boards/t_sim7080g_s3.toml",
        "nabij/settings/configs/neck.toml",
        "nabij/centre/database/migrations/env.py",
        "nabij/centre/database/migrations/versions/r0008_alembic.py",
        "badge/core/detector/detect.py",
    } <= names
    # Hosts import `badge`, the simulator and `nabij flash` read the copy: they are one.
    assert len(shipped) == 2
    assert len(set(shipped.values())) == 1
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"badge", "nabij"}
    assert not [name for name in names if "test" in name.rsplit("/", 1)[-1]]


def test_a_plain_install_has_the_engineers_verbs(plain: Environment) -> None:
    assert "doctor" in said(plain.run("--help"))
    settings = said(plain.run("config", "profile", "pna11"))
    file = plain.folder / "badge.toml"
    file.write_text(settings)
    assert said(plain.run("config", "check", file)) == f"{file}: a badge takes these settings.\n"
    # Each of them gets as far as its question, which nobody here can answer.
    for verb in ("devices", "log", "doctor", "pull"):
        done = plain.run(verb, "no-such-port")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "no-such-port" in done.stderr
    for verb in ("update", "provision"):
        more = ("--badge", "b-1", "--host", "localhost") if verb == "provision" else ()
        done = plain.run(verb, "no-such-port", "--state", "receiver", *more)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_a_plain_install_knows_its_commit(plain: Environment) -> None:
    """As written into it when it was built."""
    assert said(plain.run("--version")) == version.version_of(REPO).sentence + "\n"


def test_a_plain_install_says_what_would_be_flashed(plain: Environment, tmp_path: Path) -> None:
    with RomLoader(tmp_path) as loader:
        image = ("--image", image_path(), "--before", "no-reset", "--after", "no-reset")
        told = said(plain.run("flash", loader.port, "--dry-run", *image))
    assert "Nothing was written." in told


def test_a_plain_install_has_the_help_of_every_verb(plain: Environment) -> None:
    """Without an extra it says what a verb does, and how to get the rest."""
    code = (
        "from nabij.cli.app import app;"
        "from nabij.cli.verbs import VERBS;"
        "from typer.testing import CliRunner;"
        "print(*[CliRunner().invoke(app, [one.name, '--help']).exit_code for one in VERBS])"
    )
    codes = said(plain.run_python(code)).split()
    assert len(codes) > 20
    assert set(codes) == {"0"}


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("serve", "--state", "r"), "receiver"),
        (("demo",), "receiver,sim"),
        (("sim", "--usb", "port"), "sim"),
        (("replay", "none"), "qa"),
        (("tune", "none", "-o", "x.toml"), "tune"),
    ],
)
def test_a_verb_says_which_extra_it_lacks(
    plain: Environment, arguments: tuple[str, ...], extra: str
) -> None:
    done = plain.run(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert f"pip install 'nabij[{extra}]'" in done.stderr
    assert said(plain.run(arguments[0], "--help"))


def test_simulator_and_demonstration_run_installed(both: Environment) -> None:
    badge = subprocess.Popen(
        both.command("sim", "--usb", "port"),
        cwd=both.folder,
        env=both.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        time.sleep(5)
        found = json.loads(said(both.run("devices", "port", "--json")))
        badge.send_signal(signal.SIGINT)
        output, errors = badge.communicate(timeout=20)
    finally:
        if badge.poll() is None:
            os.killpg(badge.pid, signal.SIGKILL)
    assert (badge.returncode, errors) == (0, "Stopped.\n"), output
    assert found["badges"][0]["provisioned"] is False
    shown = said(both.run("demo"))
    assert {"man_down", "sos"} <= set(shown.partition("Incidents at the receiver")[2].split())
    assert "body model (made, not recorded" in shown


def test_every_import_is_declared_and_its_extra_is_known() -> None:
    """What the code imports is in pyproject.toml, and extras.py names the extra that brings it."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    brought = {"": project["dependencies"], **project["optional-dependencies"]}
    extras_of: dict[str, set[str]] = {}
    for extra, requirements in brought.items():
        for text in requirements:
            name = canonicalize_name(Requirement(text).name)
            extras_of.setdefault(name, set()).add(extra)
    distributions = metadata.packages_distributions()
    files = Sources.read().below("host_tools")
    modules = {name.split(".")[0] for file in files for name in file.imports}
    # KiCad's own module comes with KiCad, for the system's Python.
    known = {*sys.stdlib_module_names, "nabij", "badge", "pcbnew"}
    for module in sorted(modules - known):
        # What an extra that `make setup` leaves out brings has the name of its package.
        (name,) = {canonicalize_name(one) for one in distributions.get(module, [module])}
        assert name in extras_of, f"{module} comes with {name}, which pyproject.toml does not name"
        assert extras.EXTRA_OF.get(module, "") in extras_of[name], module
