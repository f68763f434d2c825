"""What the files of the firmware and of the simulator may name."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.house.sources import Source, Sources, reaches

# What MicroPython and CPython both have, and what cannot reach a clock, a pin or a file.
_CORE_MAY_IMPORT: Final = {"array", "binascii", "collections", "hashlib", "json", "struct"}
# Stands in for MicroPython's compiler names where there is no such compiler.
_PORTABLE: Final = "firmware/badge/core/portable.py"
_MICROPYTHON_MODULES: Final = {
    *(
        "array",
        "asyncio",
        "binascii",
        "bluetooth",
        "collections",
        "deflate",
        "errno",
        "esp32",
        "gc",
    ),
    *("hashlib", "io", "json", "machine", "math", "micropython", "network", "os", "random"),
    *("select", "socket", "ssl", "struct", "sys", "time", "vfs"),
}
_HARDWARE_CLASSES: Final = {"ADC", "I2C", "PWM", "Pin", "SPI", "SoftI2C", "SoftSPI", "UART"}

_BADGE: Final = "firmware/badge"
_ASSEMBLY: Final = ("firmware/badge/app.py", "firmware/badge/assembly/")
# Where main.py goes once a slot is chosen.
_STARTS_THE_APPLICATION: Final = "firmware/main.py"
_SIDES: Final = ("badge.drivers", "badge.storage", "badge.tasks")
# What a folder may import of the badge beside itself; each stands on those before it.
_MAY_IMPORT: Final = {
    "drivers": ("badge.core",),
    "link": ("badge.core",),
    "storage": ("badge.core",),
    "tasks": ("badge.core", "badge.drivers", "badge.link", "badge.storage"),
}
_ROOMS_OF_TASKS: Final = ("power", "usb", "wearer")
# It says what a person reads or what is simulated; a badge must not know which it is.
_ASKS: Final = re.compile(r"\b(if|while)\b.*\b(sim|simulat\w*|sys\.platform)\b")


def core_is_portable(sources: Sources) -> list[str]:
    """`core` imports itself and what CPython has too."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below(f"{_BADGE}/core")
        for name in file.imports
        if not reaches(name, "badge.core") and name.split(".")[0] not in _CORE_MAY_IMPORT
        if file.path != _PORTABLE or not reaches(name, "micropython")
    ]


def folders_of_the_badge(sources: Sources) -> list[str]:
    """Drivers, link, storage and tasks name nothing that is built on them, and no board."""
    return [
        f"{file.path} imports {name}"
        for folder, below in _MAY_IMPORT.items()
        for file in sources.below(f"{_BADGE}/{folder}")
        for name in file.imports
        if reaches(name, "badge") and not reaches(name, f"badge.{folder}", *below)
    ]


def rooms_of_tasks(sources: Sources) -> list[str]:
    """The rooms of tasks do not know one another."""
    return [
        f"{file.path} imports {name}"
        for room in _ROOMS_OF_TASKS
        for file in sources.below(f"{_BADGE}/tasks/{room}")
        for name in file.imports
        for other in _ROOMS_OF_TASKS
        if other != room and reaches(name, f"badge.tasks.{other}")
    ]


def only_assembly_sees_all_sides(sources: Sources) -> list[str]:
    """Elsewhere nobody has drivers, storage and tasks in one file; their errors may be caught."""
    return [
        f"{file.path} sees drivers, storage and tasks together"
        for file in sources.below("firmware")
        if not file.path.startswith(_ASSEMBLY)
        if all(_sees(file, side) for side in _SIDES)
    ]


def _sees(file: Source, side: str) -> bool:
    if reaches(file.module, side):
        return True
    names = {name for name in file.imports if reaches(name, side)}
    # `from badge.drivers.x import XError` is listed as badge.drivers.x and badge.drivers.x.XError.
    parts = {name for name in names if not any(other.startswith(f"{name}.") for other in names)}
    return any(not name.endswith("Error") for name in parts)


def nothing_stands_on_the_application(sources: Sources) -> list[str]:
    """Only main.py starts `badge.app`; nobody else imports it, nor the assembly."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below("firmware", "host_tools", "sim")
        if not file.path.startswith((*_ASSEMBLY, _STARTS_THE_APPLICATION))
        for name in file.imports
        if reaches(name, "badge.app", "badge.assembly")
    ]


def boards_are_wiring(sources: Sources) -> list[str]:
    """`boards` import nothing but `machine`."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below(f"{_BADGE}/boards")
        for name in file.imports
        if not reaches(name, "machine")
    ]


def runs_on_micropython_alone(sources: Sources) -> list[str]:
    """The firmware imports itself and what MicroPython has."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below("firmware")
        for name in file.imports
        if name.split(".")[0] not in _MICROPYTHON_MODULES | {"badge"}
    ]


def others_use_only_the_core(sources: Sources) -> list[str]:
    """Host tools and simulator use of the firmware only its core."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below("host_tools", "sim")
        for name in file.imports
        if reaches(name, "badge") and not reaches(name, "badge.core")
    ]


def simulator_and_host_tools_are_strangers(sources: Sources) -> list[str]:
    """Neither imports the other."""
    return [
        f"{file.path} imports {name}"
        for folder, other in (("sim", "nabij"), ("host_tools", "sim"))
        for file in sources.below(folder)
        for name in file.imports
        if reaches(name, other)
    ]


def models_know_no_world(sources: Sources) -> list[str]:
    """A model of a chip is given its clock, its ledger and its pins."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below("sim/models")
        for name in file.imports
        if reaches(name, "sim.world")
    ]


def only_boards_know_pins(sources: Sources) -> list[str]:
    """A pin, bus or port is made in `boards` and handed on as an object."""
    wrong = []
    for file in sources.below("firmware"):
        if file.below(f"{_BADGE}/boards"):
            continue
        for node in file.nodes:
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in _HARDWARE_CLASSES:
                wrong.append(f"{file.path}:{node.lineno} makes a {called}")
    return wrong


def never_asks_whether_it_is_simulated(sources: Sources) -> list[str]:
    """A difference belongs in the simulator."""
    return [
        f"{file.path}:{number}"
        for file in sources.below("firmware")
        for number, line in enumerate(file.text.splitlines(), 1)
        if _ASKS.search(line.split("#")[0])
    ]
