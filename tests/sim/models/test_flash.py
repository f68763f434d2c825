"""The flash model: NOR rules, counting, power cuts, and littlefs living on it."""

from __future__ import annotations

import pytest

from tests.sim.stub import answers

_BENCH = """
import json, vfs
from sim.models.flash import FlashModel, PowerCut
out = {}
"""


def bench(script: str) -> dict[str, object]:
    result: dict[str, object] = answers(_BENCH + script + "\nprint(json.dumps(out))\n")
    return result


def test_programming_only_clears_bits_and_erasing_sets_them() -> None:
    out = bench("""
charged = []
f = FlashModel(4, charge=charged.append)
f.writeblocks(1, b"\\x0f" * 16, 0)
f.writeblocks(1, b"\\xf1" * 16, 8)
out["merged"] = list(f.image[4096 + 7:4096 + 10]) + list(f.image[4096 + 16:4096 + 18])
out["violations"] = f.violations
f.ioctl(6, 1)
out["blank"] = f.image == bytearray(b"\\xff" * 4 * 4096)
f.writeblocks(2, b"\\x00" * 300, 250)
out["counts"] = [f.erases, f.programs, charged.count("flash_erase")]
out["pages"] = charged.count("flash_page_program") - 2
""")
    assert out["merged"] == [0x0F, 0x01, 0x01, 0xF1, 0xF1]
    assert out["violations"] == 1
    assert out["blank"] is True
    assert out["counts"] == [1, 3, 1]
    assert out["pages"] == 3  # 300 bytes from 250 touch three pages of 256


@pytest.mark.parametrize("torn", [False, True])
def test_the_nth_operation_is_cut_and_nothing_works_until_power_is_back(torn: bool) -> None:
    out = bench(f"""
f = FlashModel(4)
f.cut_after(2, torn={torn})
f.writeblocks(0, b"\\x00" * 8, 0)
def cut(what, *args):
    try:
        what(*args)
        return False
    except PowerCut:
        return True
out["second"] = cut(f.writeblocks, 0, b"\\x00" * 8, 8)
out["image"] = list(f.image[:16])
out["dead"] = [cut(f.writeblocks, 0, b"\\x00", 32), cut(f.readblocks, 0, bytearray(8), 0),
               cut(f.ioctl, 6, 0)]
f.power_on()
out["alive"] = not cut(f.writeblocks, 0, b"\\x00" * 8, 8)
""")
    half = [0] * 4 + [255] * 4 if torn else [255] * 8
    assert out["second"] is True
    assert out["image"] == [0] * 8 + half
    assert out["dead"] == [True, True, True]
    assert out["alive"] is True


def test_a_half_done_erase_leaves_old_and_blank_bytes() -> None:
    out = bench("""
f = FlashModel(2)
f.writeblocks(0, b"\\x00" * 4096, 0)
f.cut_after(1, torn=True)
try:
    f.ioctl(6, 0)
except PowerCut:
    pass
out["blank"] = f.image[:4096].count(b"\\xff")
out["old"] = f.image[:4096].count(b"\\x00")
""")
    assert out["blank"] == 2048
    assert out["old"] == 2048


def test_littlefs_survives_a_cut_at_every_operation_of_a_write() -> None:
    out = bench("""
f = FlashModel(32)
vfs.VfsLfs2.mkfs(f)
fs = vfs.VfsLfs2(f)
with fs.open("/kept", "w") as file:
    file.write("before" * 500)
start = bytes(f.image)
n = 0
contents = []
while True:
    n += 1
    f.image[:] = start
    f.power_on()
    f.cut_after(n, torn=bool(n & 1))
    try:
        fs = vfs.VfsLfs2(f)
        with fs.open("/kept", "w") as file:
            file.write("after!" * 500)
        done = True
    except PowerCut:
        done = False
    f.power_on()
    with vfs.VfsLfs2(f).open("/kept", "r") as file:
        contents.append(file.read())
    if done:
        break
out["steps"] = n
out["seen"] = sorted(set(contents))
out["last"] = contents[-1]
out["violations"] = f.violations
""")
    assert out["steps"] > 2  # type: ignore[operator]
    assert out["last"] == "after!" * 500
    assert out["seen"] == ["after!" * 500, "before" * 500]
    assert out["violations"] == 0


@pytest.mark.parametrize("kind", ["read", "write", "erase"])
def test_the_nth_operation_fails_and_is_harmless(kind: str) -> None:
    out = bench(f"""
f = FlashModel(4)
f.fail("{kind}", 2, 2)
did = {{
    "read": lambda: f.readblocks(0, bytearray(8), 0),
    "write": lambda: f.writeblocks(0, b"\\x00" * 8, 0),
    "erase": lambda: f.ioctl(6, 1),
}}
out["answers"] = [did["{kind}"]() for _ in range(4)]
out["others"] = [did[name]() for name in did if name != "{kind}"]
f.fail("{kind}", 1, 99)
f.mend("{kind}")
out["mended"] = did["{kind}"]()
""")
    assert out["answers"] == [0, -5, -5, 0]
    assert out["others"] == [0, 0]
    assert out["mended"] == 0


def test_a_write_error_reaches_the_firmware_as_eio() -> None:
    out = bench("""
f = FlashModel(16)
vfs.VfsLfs2.mkfs(f)
fs = vfs.VfsLfs2(f)
vfs.mount(fs, "/x")
f.fail("write", 1, 1000)
try:
    with open("/x/a", "w") as file:
        file.write("a" * 600)
    out["errno"] = 0
except OSError as error:
    out["errno"] = error.errno
f.mend("write")
with open("/x/b", "w") as file:
    file.write("b")
out["after"] = open("/x/b").read()
""")
    assert out["errno"] in {5, 28}
    assert out["after"] == "b"
