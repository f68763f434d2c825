"""Who hears whom stands in one list, `_connect` in app.py, and nothing is left out of it."""

import ast
import re
from pathlib import Path

from tests.places import FIRMWARE, REPO

PORTS = FIRMWARE / "badge" / "assembly" / "ports.py"
APP = FIRMWARE / "badge" / "app.py"
# How MicroPython's own parts are told.
FOREIGN = ("context.verify_mode",)
# What the simulator sets on something that is none of its parts: what stands in for C code of
# MicroPython (asyncio's tasks, modules under another's name), and what lies on the path of
# every byte and every look at the clock.
FOREIGN_TO_SIM = {
    "sim/modules/machine.py": ("self._world.stream_news",),
    "sim/modules/socket.py": ("current.world.stream_news",),
    "sim/modules/ssl.py": ("self._context.verify_mode",),
    "sim/modules/time.py": ("world.free_reads",),
    "sim/world/aio.py": (
        *("core.ticks", "core.IOQueue", "asyncio.ThreadSafeFlag"),
        *("Ticks.world", "Ticks.offset_ms", "Ticks.core"),
        *("task.data", "task.entry", "task.ph_key", "waiter.data"),
        *("Ticks.world.stream_news", "self._world.stream_news"),
    ),
    # Each turn of the world is lent memory: at no cost while no scenario takes any away.
    "sim/world/heap.py": ("world.step_to", "world.busy_us"),
    "sim/world/run.py": (
        *("current.world", "current.board", "Gc.mem_free", "Gc.collect", "Gc.threshold"),
        "Os.urandom",
    ),
    "sim/world/sink.py": ("builtins.__import__", "app.run"),
    "sim/world/usb.py": (
        *("self._world.stream_news", "Micropython.kbd_intr", "Sys.stdin", "Sys.stdout"),
        *("Poll.world", "Select.poll"),
    ),
}
# Where parts are put together and used; below core records are changed by who keeps them.
PARTS = (
    APP,
    *(FIRMWARE / "badge").glob("*.py"),
    *(
        file
        for room in ("assembly", "drivers", "link")
        for file in (FIRMWARE / "badge" / room).rglob("*.py")
    ),
)
_IS_CONNECTED = re.compile(r"\bports\.(\w+)\.(?:to|by)\(")


def named(source: str, name: str) -> ast.stmt:
    """The class or function of this name."""
    return next(node for node in ast.parse(source).body if getattr(node, "name", "") == name)


def ports_of(source: str) -> set[str]:
    """The attributes that the class Ports gives itself."""
    return {
        node.attr
        for node in ast.walk(named(source, "Ports"))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def connected(source: str) -> list[str]:
    (connect,) = (
        node for node in ast.parse(source).body if getattr(node, "name", "") == "_connect"
    )
    return _IS_CONNECTED.findall(ast.get_source_segment(source, connect) or "")


def test_every_port_is_connected_once_and_in_the_list() -> None:
    ports = ports_of(PORTS.read_text())
    app = APP.read_text()
    assert "gesture_meant" in ports
    assert sorted(connected(app)) == sorted(ports)
    elsewhere = {
        path.name: found
        for path in (FIRMWARE / "badge").rglob("*.py")
        if (found := _IS_CONNECTED.findall(path.read_text())) and path != APP
    }
    assert elsewhere == {}
    assert len(_IS_CONNECTED.findall(app)) == len(ports)


def test_every_port_has_somebody_who_publishes_or_asks() -> None:
    rest = [path for path in (FIRMWARE / "badge").rglob("*.py") if path != PORTS]
    text = "\n".join(path.read_text() for path in rest)
    used = set(re.findall(r"\bports\.(\w+)\b(?!\.(?:to|by)\()", text))
    assert ports_of(PORTS.read_text()) <= used


def test_a_connection_that_is_forgotten_is_found() -> None:
    app = APP.read_text()
    line = next(line for line in app.splitlines() if "ports.gesture_meant.to(" in line)
    without = connected(app.replace(line, ""))
    assert ports_of(PORTS.read_text()) - set(without) == {"gesture_meant"}


def test_the_buttons_are_read_before_all_that_is_slow() -> None:
    """A press that goes on counts from there: certificates and sensor come later."""
    app = APP.read_text()
    order = ("buttons.build(", "man_down.build(", "link.build(", "_updater(base", "usb.build(")
    places = [app.index(call) for call in order]
    assert places == sorted(places)


def test_nothing_is_put_into_a_part_from_outside() -> None:
    """What a part is told it gets by its constructor, or by a port."""
    assert [
        (path.name, *put) for path in sorted(set(PARTS)) for put in stored_elsewhere(path)
    ] == []


def test_nor_into_a_part_of_the_simulator() -> None:
    found = {}
    for path in sorted((REPO / "sim").rglob("*.py")):
        name = path.relative_to(REPO).as_posix()
        if put := {one for one, _ in stored_elsewhere(path)}:
            found[name] = put
    assert found == {name: set(allowed) for name, allowed in FOREIGN_TO_SIM.items()}


def stored_elsewhere(path: Path) -> list[tuple[str, int]]:
    """(name, line) of each attribute that is set on something else than `self`."""
    return [
        (ast.unparse(node), node.lineno)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
        and ast.unparse(node) not in FOREIGN
    ]


def test_an_attribute_set_from_outside_is_found(tmp_path: Path) -> None:
    breach = tmp_path / "breach.py"
    breach.write_text("def use(keeper, link):\n    keeper.kick = link.kick\n")
    assert stored_elsewhere(breach) == [("keeper.kick", 2)]
