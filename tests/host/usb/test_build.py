"""The application as .mpy files for a badge."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from badge.core.codec import manifest
from nabij.acts.update import Package
from nabij.hardware import boards
from nabij.places import FIRMWARE
from nabij.usb.build import (
    BADGE_ARCH,
    DEFAULT_BOARD,
    MAIN,
    App,
    BuildError,
    arch_of,
    build_app,
    build_of,
    sources,
    unbuilt_of,
    version_of,
)
from tests.mp import run_mp
from tests.places import REPO

HOST_ARCH = "x64"


@pytest.fixture(scope="module")
def badge_app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return build_app(tmp_path_factory.mktemp("app"))


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """A copy of the firmware that a test may spoil."""
    copy = tmp_path / "firmware"
    shutil.copytree(FIRMWARE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_every_module_is_there_for_the_badges_processor(badge_app: App) -> None:
    wanted = [path.relative_to(FIRMWARE) for path in sources(DEFAULT_BOARD)]
    wanted.append(Path("badge/boards/active.py"))
    assert set(badge_app.modules()) == {path.with_suffix(".mpy").as_posix() for path in wanted}
    assert (badge_app.folder / MAIN).read_bytes() == (FIRMWARE / MAIN).read_bytes()
    assert badge_app.arch == BADGE_ARCH
    # sys.implementation._mpy of an ESP32-S3: .mpy 6.3 and architecture 10.
    assert badge_app.mpy == 0x2B06
    assert arch_of(badge_app.mpy) == BADGE_ARCH


def test_the_detector_is_machine_code(badge_app: App) -> None:
    """Byte 2 of an .mpy names the architecture of its machine code (py/persistentcode.h)."""
    head = (badge_app.folder / "badge/core/detector/detect.mpy").read_bytes()[:4]
    assert head[:2] == b"M\x06"
    assert head[2] >> 2 == 10


def test_only_the_wiring_of_the_board_is_taken_along(firmware: Path, tmp_path: Path) -> None:
    other = firmware / "badge" / "boards" / "another.py"
    other.write_text("class Board: ...\n")
    names = build_app(tmp_path / "app", firmware=firmware).modules()
    assert f"badge/boards/{DEFAULT_BOARD}.mpy" in names
    assert "badge/boards/another.mpy" not in names


def test_the_same_sources_give_the_same_bytes(badge_app: App, tmp_path: Path) -> None:
    assert build_app(tmp_path / "again").files == badge_app.files


def test_what_an_earlier_build_left_is_gone(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "old.mpy").touch()
    build_app(tmp_path / "app")
    assert not (tmp_path / "app" / "old.mpy").exists()


def test_the_loader_has_all_that_the_choice_of_a_slot_imports(badge_app: App) -> None:
    assert "badge/start.mpy" in badge_app.loader
    for name in badge_app.loader:
        source = (FIRMWARE / name).with_suffix(".py")
        if source.stem == "active":
            # Made by the build: it has the wiring of the board, which is in the loader too.
            assert f"badge/boards/{DEFAULT_BOARD}.mpy" in badge_app.loader
            continue
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("badge"):
                path = (node.module or "").replace(".", "/")
                needed = {f"{path}/{alias.name}.mpy" for alias in node.names}
                assert needed <= set(badge_app.loader) or f"{path}.mpy" in badge_app.loader


def test_the_loader_alone_can_be_imported_where_nothing_else_is(tmp_path: Path) -> None:
    app = build_app(tmp_path / "app", arch=HOST_ARCH)
    for name in app.loader:
        target = tmp_path / "loader" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(app.folder / name, target)
    said = run_mp(
        f"sys.path[:] = ['.frozen', {str(tmp_path / 'loader')!r}]\n"
        "from badge.start import choose\n"
        "import badge\n"
        "print(choose.__name__, badge.__path__)\n"
    )
    assert said.split() == ["choose", str(tmp_path / "loader" / "badge")]


def test_the_real_micropython_takes_what_was_built(tmp_path: Path) -> None:
    app = build_app(tmp_path / "app", arch=HOST_ARCH)
    said = run_mp(
        f"sys.path[:] = ['.frozen', {str(app.folder)!r}]\n"
        "from badge.core.alarm import life\nfrom badge.core.detector import detect\n"
        "from badge.version import VERSION\n"
        "print(VERSION, hex(sys.implementation._mpy))\n"
    )
    assert said.split() == [app.version, hex(app.mpy)]


def test_the_list_of_the_application_leaves_room_for_it_to_grow(badge_app: App) -> None:
    files = {name: (badge_app.folder / name).read_bytes() for name in badge_app.modules()}
    package = Package(badge_app.version, badge_app.build, badge_app.mpy, files)
    frame = package.signed(bytes(32))
    assert len(frame) < manifest.FRAME_MAX * 3 // 4
    listed = manifest.verify(frame, bytes(32)).files
    assert len(listed) == len(files)


def test_the_version_is_that_of_the_firmware(badge_app: App) -> None:
    assert (badge_app.version, badge_app.build) == (version_of(), build_of())


def test_the_build_number_is_when_the_firmware_was_last_committed_to(firmware: Path) -> None:
    asked = ["git", "-C", str(REPO), "log", "-1", "--format=%ct", "--", "firmware"]
    assert build_of() == int(subprocess.check_output(asked, text=True))
    # Of sources that git does not know: what they say themselves, which no build is below.
    assert build_of(firmware) == unbuilt_of(firmware) == unbuilt_of() < build_of()


def test_the_badge_gets_the_build_number_as_the_floor_of_its_clock(tmp_path: Path) -> None:
    app = build_app(tmp_path / "app", arch=HOST_ARCH, build=1_900_000_001)
    assert app.build == 1_900_000_001
    said = run_mp(
        f"sys.path[:] = ['.frozen', {str(app.folder)!r}]\n"
        "from badge.version import BUILD_UTC_S\nprint(BUILD_UTC_S)\n"
    )
    assert said == "1900000001\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"arch": "z80"}, "no architecture 'z80'"),
        ({"board": "another"}, "No board 'another' has wiring"),
        ({"firmware": Path("nowhere")}, "There is no firmware at nowhere"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(
    tmp_path: Path, arguments: dict[str, str], says: str
) -> None:
    with pytest.raises(BuildError, match=says):
        build_app(tmp_path / "app", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("board", boards.all_ids())
def test_main_starts_the_board_that_was_built(tmp_path: Path, board: str) -> None:
    app = build_app(tmp_path / "app", board=board, arch=HOST_ARCH)
    assert "badge/boards/active.mpy" in app.loader
    script = f"""
import sys
class Machine:
    def __getattr__(self, name):
        return None
sys.modules["machine"] = Machine()
sys.path[:] = [".frozen", {str(app.folder)!r}]
from badge.boards.active import Board
print(Board.NAME)
"""
    assert run_mp(script).split()[-1] == board


def test_a_board_gets_nothing_for_parts_that_it_lacks() -> None:
    def names(board: str) -> set[str]:
        return {path.relative_to(FIRMWARE).as_posix() for path in sources(board)}

    pod, fob = names(DEFAULT_BOARD), names("xiao_s3_fob")
    assert "badge/drivers/modem/at.py" in pod - fob
    assert "badge/drivers/axp2101.py" in pod - fob
    assert "badge/link/wlan.py" in fob - pod
    assert "badge/drivers/adc_gauge.py" in fob - pod
    watch = names("t_watch_s3")
    own = {
        f"badge/drivers/{name}.py" for name in ("bma423", "bma423_frames", "drv2605", "pmu_key")
    }
    assert own <= watch
    assert not own & (pod | fob)
    assert "badge/drivers/lsm6dsox.py" in (pod & fob) - watch
    assert "badge/drivers/axp2101.py" in watch


def test_a_file_that_does_not_compile_is_named(firmware: Path, tmp_path: Path) -> None:
    (firmware / "badge" / "log.py").write_text("def broken(:\n")
    with pytest.raises(BuildError, match=r"mpy-cross refuses badge/log.py \(SyntaxError"):
        build_app(tmp_path / "app", firmware=firmware)


@pytest.mark.parametrize("mpy", [0x2B05, 0x2A06, 0xFFFF06])
def test_a_micropython_that_loads_other_files_is_refused(mpy: int) -> None:
    with pytest.raises(BuildError, match="nabij flash"):
        arch_of(mpy)
