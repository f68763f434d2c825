"""What importing each package of the firmware takes of the heap, on the emulated microcontroller.

`python -m tests.emulated.heap` prints it; takes three minutes of CPU time.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from rich.console import Console

from tests.emulated.pico import run_script_on_pico
from tests.places import FIRMWARE

# Each is imported in one start of a microcontroller with 190 kB of heap, together.
PARTS = (
    ("core", "core.codec", "core.detector", "core.settings"),
    ("core.alarm", "core.body", "core.wearer"),
    (
        "drivers",
        "drivers.modem",
        "link",
        "link.ble",
        "storage",
        "tasks",
        "tasks.power",
        "tasks.wearer",
    ),
    ("tasks.usb", "tasks.orders", "assembly", "app"),
)

# The RP2040 has no `esp32` and no radio, and its `machine` lacks what only the badge's has.
_OF_THE_BADGE = ("bluetooth", "esp32", "machine")

_SCRIPT = """
import gc, sys

class StandIn:
    def __getattr__(self, name):
        return 0

for name in STOOD_IN_FOR:
    sys.modules[name] = StandIn()
print("BEGIN")
for name in MODULES:
    gc.collect()
    before = gc.mem_alloc()
    __import__(name)
    gc.collect()
    print(name, gc.mem_alloc() - before)
print("END")
"""


def measure(packages: Iterable[str]) -> dict[str, int]:
    """Package to bytes, imported together; what they need of others is stood in for."""
    printed = run_script_on_pico(_script(packages))
    assert (printed[0], printed[-1]) == ("BEGIN", "END"), printed
    total: dict[str, int] = {}
    for line in printed[1:-1]:
        module, taken = line.split()
        package = _package(module)
        total[package] = total.get(package, 0) + int(taken)
    return total


def packages() -> set[str]:
    """All folders of firmware/badge with modules, by name; "app" has those of no folder."""
    modules = (_name(path) for path in (FIRMWARE / "badge").rglob("[!_]*.py"))
    return {_package(name) for name in modules}


def _script(packages: Iterable[str]) -> str:
    """Prints BEGIN, `module bytes` for each module, END."""
    own = [name for package in packages for name in _modules_of(package)]
    found = _in_order(own)
    modules = [name for name in found if name in own]
    others = [name for name in found if name not in own]
    return f"MODULES = {modules}\nSTOOD_IN_FOR = {[*_OF_THE_BADGE, *others]}\n{_SCRIPT}"


def _modules_of(package: str) -> list[str]:
    folder = FIRMWARE / "badge" / Path(*package.split("."))
    files = folder.parent.glob("[!_]*.py") if package == "app" else folder.glob("[!_]*.py")
    return sorted(_name(path) for path in files)


def _in_order(names: Iterable[str]) -> list[str]:
    """`names` and all that they import of the firmware, each after what it imports."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name not in found:
            for needed in _imports(name):
                visit(needed)
            found.append(name)

    for name in sorted(names):
        visit(name)
    return found


@cache
def _imports(name: str) -> tuple[str, ...]:
    return tuple(_read_imports(ast.parse((FIRMWARE / _path(name)).read_text(encoding="utf-8"))))


def _read_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for candidate in (
                *(f"{node.module}.{alias.name}" for alias in node.names),
                node.module,
            ):
                if (FIRMWARE / _path(candidate)).is_file():
                    yield candidate


def _path(name: str) -> Path:
    return Path(*name.split(".")).with_suffix(".py")


def _name(path: Path) -> str:
    return ".".join(path.relative_to(FIRMWARE).with_suffix("").parts)


def _package(module: str) -> str:
    return ".".join(module.split(".")[1:-1]) or "app"


if __name__ == "__main__":
    console = Console()
    found: dict[str, int] = {}
    for part in PARTS:
        found |= measure(part)
    for package, taken in sorted(found.items()):
        console.print(f"{package:14} {taken:7,} bytes")
    console.print(f"{'all':14} {sum(found.values()):7,} bytes")
