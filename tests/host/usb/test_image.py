"""Where the MicroPython image comes from, and what is refused."""

import contextlib
import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.hardware import boards
from nabij.usb import image as images
from nabij.usb.image import PINS, ImageError, check, find, from_file
from tests.host.usb.images import C3, OCTAL, QUAD, image_path
from tests.worlds import make_site

BOARD_IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT"
PIN = PINS[BOARD_IMAGE]
NOWHERE = "http://127.0.0.1:9/"
NAMES = {"ESP32_GENERIC_S3": QUAD, BOARD_IMAGE: OCTAL}


class Quiet(SimpleHTTPRequestHandler):
    """A web server that writes no log."""

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(images.CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web site on loopback, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", folder
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_the_pins_are_those_of_the_images_that_the_tests_flash(name: str) -> None:
    found = hashlib.sha256(image_path(NAMES[name]).read_bytes()).hexdigest()
    assert found == PINS[name].sha256


@pytest.mark.parametrize("board_id", boards.all_ids())
def test_every_board_has_a_pinned_image(board_id: str) -> None:
    assert boards.load(board_id).micropython_image in PINS


def test_the_image_needs_the_flash_that_its_header_asks_for() -> None:
    """The partition table ends at 2 MB, and the bootloader was made for 4 MB."""
    assert from_file(image_path()).needs_bytes == 4 << 20


def test_the_regions_are_the_image() -> None:
    image = from_file(image_path())
    at = 0
    for address, data in image.regions():
        assert address == at
        at += len(data)
    assert b"".join(data for _address, data in image.regions()) == image.data


def test_the_cache_is_used_without_a_network(cache: Path) -> None:
    cache.mkdir()
    (cache / PIN.file).write_bytes(image_path().read_bytes())
    found = find(BOARD_IMAGE, site=NOWHERE)
    assert found.pinned
    # Given by name it is the same image.
    assert from_file(Path(found.file)).pinned
    assert found.sha256 == PIN.sha256
    assert found.file == str(cache / PIN.file)


def test_without_the_variable_the_users_own_cache_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(images.CACHE_VARIABLE, raising=False)
    assert images.cache_folder() == platformdirs.user_cache_path("nabij")


def test_a_download_is_checked_and_kept(cache: Path, site: tuple[str, Path]) -> None:
    address, folder = site
    (folder / PIN.file).write_bytes(image_path().read_bytes())
    seen: list[tuple[int, int]] = []
    found = find(BOARD_IMAGE, site=address, progress=lambda *step: seen.append(step))
    assert found.source == address + PIN.file
    assert seen[-1] == (len(found.data), len(found.data))
    assert find(BOARD_IMAGE, site=NOWHERE).data == found.data


def test_offline_it_says_which_file_to_fetch_and_where_to_put_it(cache: Path) -> None:
    with pytest.raises(ImageError) as missing:
        find(BOARD_IMAGE, site=NOWHERE)
    assert f"fetch https://micropython.org/resources/firmware/{PIN.file}" in str(missing.value)
    assert f"put it at {cache / PIN.file}" in str(missing.value)


def test_a_damaged_copy_in_the_cache_is_not_used(cache: Path, site: tuple[str, Path]) -> None:
    cache.mkdir()
    (cache / PIN.file).write_bytes(image_path().read_bytes()[:-1])
    with pytest.raises(ImageError, match="is damaged too"):
        find(BOARD_IMAGE, site=NOWHERE)
    address, folder = site
    (folder / PIN.file).write_bytes(image_path().read_bytes())
    assert find(BOARD_IMAGE, site=address).sha256 == PIN.sha256


def test_another_file_from_the_site_is_not_used(cache: Path, site: tuple[str, Path]) -> None:
    address, folder = site
    (folder / PIN.file).write_bytes(image_path(QUAD).read_bytes())
    with pytest.raises(ImageError, match="is not the pinned image"):
        find(BOARD_IMAGE, site=address)
    assert not (cache / PIN.file).exists()


@contextlib.contextmanager
def answering(*parts: bytes) -> Iterator[str]:
    """A web site that answers its one visitor with `parts`, whatever was asked, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            visitor, _ = listener.accept()
            # The visitor may have seen enough after the first part.
            with visitor, contextlib.suppress(ConnectionError):
                visitor.recv(65_536)
                for part in parts:
                    visitor.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            # One that nobody visited would wait for ever.
            with contextlib.suppress(OSError):
                socket.create_connection(listener.getsockname()).close()
            thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (OK + b"Content-Length: 1757376\r\n\r\n", b"\xe9" * 5_000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n", b"\xe9" * 100),
        (OK + b"Content-Length: many\r\n\r\n", b"\xe9"),
        (OK + b"Content-Length: 0\r\n\r\n",),
        (b"it is a printer\r\n\r\n",),
        (b"",),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1:9/x\r\n\r\n",),
    ],
    ids=["cut off", "chunk cut off", "no number", "empty", "no web site", "silence", "elsewhere"],
)
def test_a_download_that_breaks_leaves_nothing_and_says_what_to_do(
    cache: Path, parts: tuple[bytes, ...]
) -> None:
    with answering(*parts) as address, pytest.raises(ImageError) as broken:
        find(BOARD_IMAGE, site=address)
    assert "\n" not in broken.value.sentence
    assert f"put it at {cache / PIN.file}" in broken.value.sentence
    assert not cache.exists() or not list(cache.iterdir())


def test_a_site_that_cannot_prove_who_it_is_is_not_believed(cache: Path, tmp_path: Path) -> None:
    """HTTPS with a certificate of nobody's: the image is pinned, and the line is checked too."""
    pki = make_site(tmp_path).state / "pki"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    folder = tmp_path / "https"
    folder.mkdir()
    (folder / PIN.file).write_bytes(image_path().read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"https://127.0.0.1:{server.server_port}/"
        try:
            with pytest.raises(ImageError, match=r"CERTIFICATE_VERIFY_FAILED.*fetch https"):
                find(BOARD_IMAGE, site=address)
        finally:
            server.shutdown()
            thread.join()


def test_the_address_is_the_one_that_the_official_page_links() -> None:
    """micropython.org names files <board>[-<variant>]-<date>-v<version>.bin."""
    for board, pin in PINS.items():
        assert re.fullmatch(rf"{board}-20\d{{6}}-v{re.escape(pin.version)}\.bin", pin.file)
        assert re.fullmatch(r"[0-9a-f]{64}", pin.sha256)
    assert images.SITE == "https://micropython.org/resources/firmware/"


def test_a_page_that_is_not_there_is_said_in_a_sentence(
    cache: Path, site: tuple[str, Path]
) -> None:
    with pytest.raises(
        ImageError, match=r"could not be downloaded \(.*not found.*\): fetch https"
    ):
        find(BOARD_IMAGE, site=site[0])


def test_a_board_without_a_pin_asks_for_a_file() -> None:
    with pytest.raises(ImageError, match="give it with --image"):
        find("ANOTHER_BOARD")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (C3, "is an image for ESP32-C3"),
        ("rpi-pico-w-20251209-v1.27.0.uf2", "is not an ESP32 image"),
        ("board_commands.json", "is not an ESP32 image"),
        ("no-such-file.bin", "Cannot read the image"),
    ],
)
def test_a_file_that_is_no_image_for_this_chip_is_refused(name: str, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        from_file(image_path(name))


def test_the_program_alone_is_refused() -> None:
    """The -app-bin of the same page has no bootloader and does not belong at address 0."""
    with pytest.raises(ImageError, match="cut off or damaged"):
        check(image_path().read_bytes()[0x10000:], "program.app-bin")


@given(
    at=st.one_of(
        st.integers(0x10000, 0x10000 + 1_600_000), st.integers(0, 0x4000), st.integers(24, 1000)
    ),
    bit=st.integers(0, 7),
)
def test_any_flipped_bit_of_a_program_is_found(at: int, bit: int) -> None:
    data = bytearray(image_path().read_bytes())
    data[at] ^= 1 << bit
    with pytest.raises(ImageError):
        check(bytes(data), "flipped.bin")


@given(length=st.integers(0, 1_757_375))
def test_a_cut_off_image_is_refused(length: int) -> None:
    with pytest.raises(ImageError):
        check(image_path().read_bytes()[:length], "short.bin")


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(head: bytes) -> None:
    with pytest.raises(ImageError):
        check(head + bytes(0x9000), "noise.bin")
