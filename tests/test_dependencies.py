"""The dependency rule of docs/architecture.md, read from the imports of every source file."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
FIRMWARE = REPO / "firmware"
BADGE = FIRMWARE / "badge"

MAX_LINES = 400
# What MicroPython and CPython both have, and what cannot reach a clock, a pin or a file.
CORE_MAY_IMPORT = {"array", "binascii", "collections", "hashlib", "json", "struct"}
# Stands in for MicroPython's compiler names where there is no such compiler.
PORTABLE = BADGE / "core" / "portable.py"
MICROPYTHON_MODULES = {
    *("array", "asyncio", "binascii", "collections", "deflate", "errno", "esp32", "gc"),
    *("hashlib", "io", "json", "machine", "math", "micropython", "os", "random", "select"),
    *("ssl", "struct", "sys", "time", "vfs"),
}
HARDWARE_CLASSES = {"ADC", "I2C", "PWM", "Pin", "SPI", "SoftI2C", "SoftSPI", "UART"}
PACKAGES_WITHOUT_A_BOARD = ("core", "drivers", "link", "storage", "tasks")


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions, as full dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            if node.module != "badge":
                yield node.module
            # `from badge import boards` reaches the package as much as `import badge.boards` does.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def offenders(files: list[Path], *forbidden: str) -> list[str]:
    return [
        f"{path.relative_to(REPO)} imports {name}"
        for path in files
        for name in imports(path)
        if any(reaches(name, package) for package in forbidden)
    ]


def test_the_reader_of_imports_overlooks_none(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text(
        "import machine, badge.tasks as t\n"
        "from badge import boards\n"
        "def f():\n"
        "    from badge.boards.x import Board\n"
    )
    assert set(imports(source)) == {
        *("machine", "badge.tasks", "badge.boards", "badge.boards.x", "badge.boards.x.Board")
    }


def test_core_imports_only_what_cpython_has_too_and_core() -> None:
    wrong = [
        f"{path.relative_to(REPO)} imports {name}"
        for path in python_files(BADGE / "core")
        for name in imports(path)
        if not reaches(name, "badge.core") and name.split(".")[0] not in CORE_MAY_IMPORT
        if path != PORTABLE or not reaches(name, "micropython")
    ]
    assert wrong == []


def test_no_logic_imports_a_board() -> None:
    files = python_files(*(BADGE / package for package in PACKAGES_WITHOUT_A_BOARD))
    assert offenders(files, "badge.boards") == []


def test_drivers_know_nothing_of_what_is_built_on_them() -> None:
    above = ("badge.tasks", "badge.link", "badge.storage", "badge.app", "badge.assembly")
    assert offenders(python_files(BADGE / "drivers"), *above) == []
    assert offenders(python_files(BADGE / "storage"), "badge.tasks", "badge.link") == []
    assert offenders(python_files(BADGE / "link"), "badge.tasks", "badge.storage") == []


def test_boards_import_nothing_but_machine() -> None:
    wrong = [
        f"{path.relative_to(REPO)} imports {name}"
        for path in python_files(BADGE / "boards")
        for name in imports(path)
        if not reaches(name, "machine")
    ]
    assert wrong == []


def test_firmware_runs_on_micropython_alone() -> None:
    wrong = [
        f"{path.relative_to(REPO)} imports {name}"
        for path in python_files(FIRMWARE)
        for name in imports(path)
        if name.split(".")[0] not in MICROPYTHON_MODULES | {"badge"}
    ]
    assert wrong == []


def test_host_tools_use_of_the_firmware_only_its_core() -> None:
    wrong = [
        f"{path.relative_to(REPO)} imports {name}"
        for path in python_files(REPO / "host_tools")
        for name in imports(path)
        if reaches(name, "badge") and not reaches(name, "badge.core")
    ]
    assert wrong == []


def test_the_simulator_knows_no_host_tool_and_host_tools_no_simulator() -> None:
    assert offenders(python_files(REPO / "sim"), "nabij") == []
    assert offenders(python_files(REPO / "host_tools"), "sim") == []


def test_only_boards_know_pin_numbers() -> None:
    """A pin, bus or port is made in badge/boards and handed on as an object."""
    wrong = []
    for path in python_files(FIRMWARE):
        if path.parent == BADGE / "boards":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in HARDWARE_CLASSES:
                wrong.append(f"{path.relative_to(REPO)}:{node.lineno} makes a {called}")
    assert wrong == []


def test_the_firmware_never_asks_whether_it_is_simulated() -> None:
    wrong = [
        f"{path.relative_to(REPO)}:{number}"
        for path in python_files(FIRMWARE)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\b(if|while)\b.*\b(sim|simulat\w*|sys\.platform)\b", line.split("#")[0])
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["firmware", "host_tools", "sim", "tests"])
def test_files_stay_short(folder: str) -> None:
    long = {
        str(path.relative_to(REPO)): lines
        for path in python_files(REPO / folder)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    """A path that exists on one machine only is of no use to anybody else."""
    machine_path = re.compile(rb"(?<![\w.$~/-])/(work|tmp|root|home|Users)/[\w.-]+")
    wrong = []
    for path in _files_of_the_project():
        if path.name == "LICENSE":
            continue
        found = machine_path.search(path.read_bytes())
        if found:
            wrong.append(f"{path.relative_to(REPO)} has {found.group().decode()}")
    assert wrong == []


def _files_of_the_project() -> list[Path]:
    """Files that git knows or would take."""
    if not (REPO / ".git").exists():
        pytest.skip("these sources are not a git working tree")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPO, capture_output=True, check=True).stdout
    paths = [REPO / name.decode() for name in listed.split(b"\0") if name]
    assert paths, "git lists no files here"
    return [path for path in paths if path.is_file()]
