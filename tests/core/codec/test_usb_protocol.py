"""The lines of the USB console: what is no request is refused in a sentence, never guessed at."""

import json
import os
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from badge.core.codec import usb_protocol as usb
from nabij.usb import lines

KEY = bytes(range(32))
ids = st.integers(0, 0x3FFFFFFF)
fields = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=8).filter(lambda name: name not in {"id", "do"}),
    st.none() | st.booleans() | st.integers(-(2**29), 2**29) | st.text(max_size=20),
    max_size=5,
)


def lines_of(data: bytes) -> list[bytes | str]:
    """What a badge makes of a byte stream: lines, and the codes of what it complained about."""
    buffer = usb.LineBuffer()
    found: list[bytes | str] = []
    for byte in data:
        try:
            line = buffer.push(byte)
        except usb.UsbError as error:
            found.append(error.code)
            continue
        if line is not None:
            found.append(line)
    return found


def refusal(call: Any, *arguments: Any) -> usb.UsbError:
    with pytest.raises(usb.UsbError) as caught:
        call(*arguments)
    error: usb.UsbError = caught.value
    assert error.code.startswith("usb.")
    assert error.why.endswith(".")
    return error


@given(ids, st.text("abcdefgh.", min_size=1, max_size=32), fields)
def test_a_request_arrives_as_it_was_made(number: int, verb: str, more: dict[str, Any]) -> None:
    line = lines.make_request(number, verb, more)
    assert usb.parse_request(line) == {"id": number, "do": verb, **more}


@given(ids, fields)
def test_an_answer_arrives_as_it_was_made(number: int, more: dict[str, Any]) -> None:
    assert lines.parse_answer(usb.make_answer(number, more)) == (number, more)


@given(ids, st.text(max_size=3000))
@example(1, "\x00" * 3000)
def test_a_refusal_of_any_length_fits_a_line(number: int, why: str) -> None:
    try:
        line = usb.make_error(usb.UsbError("usb.failed", why), number)
    except usb.UsbError:
        pytest.fail("a refusal must always be sayable")
    assert len(line) <= usb.LINE_MAX
    assert refusal_of(line).id == number


def refusal_of(line: bytes) -> usb.UsbError:
    with pytest.raises(usb.UsbError) as caught:
        lines.parse_answer(line)
    error: usb.UsbError = caught.value
    return error


@given(st.binary(max_size=300))
def test_garbage_is_refused_in_a_sentence_or_passed_over(data: bytes) -> None:
    sentences: list[str] = []
    for line in lines_of(data + b"\n"):
        assert isinstance(line, bytes)
        try:
            request = usb.parse_request(line)
        except usb.UsbError as refused:
            request = None
            sentences.append(refused.why)
        assert request is None or isinstance(request["do"], str)
    assert all(sentence.endswith(".") for sentence in sentences)


@given(st.binary(max_size=200), ids)
def test_after_any_garbage_the_next_request_is_understood(data: bytes, number: int) -> None:
    request = lines.make_request(number, "hello", {})
    last = lines_of(data + b"\n" + request + b"\r\n")[-2]
    assert isinstance(last, bytes)
    assert usb.parse_request(last) == {"id": number, "do": "hello"}


@pytest.mark.parametrize("mark", [b"!", b"#", b"@"])
def test_what_a_badge_itself_prints_is_never_answered(mark: bytes) -> None:
    assert usb.parse_request(mark + b'{"id":1,"do":"hello"}') is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello", "usb.garbage"),
        (b"?", "usb.json"),
        (b"?{}", "usb.shape"),
        (b'?{"id":1}', "usb.shape"),
        (b'?{"do":"hello"}', "usb.shape"),
        (b'?{"id":true,"do":"hello"}', "usb.shape"),
        (b'?{"id":-1,"do":"hello"}', "usb.shape"),
        (b'?{"id":1073741824,"do":"hello"}', "usb.shape"),
        (b'?{"id":1,"do":5}', "usb.shape"),
        (b'?[1,"hello"]', "usb.json"),
        (b"?\xff\xfe", "usb.json"),
    ],
)
def test_each_mistake_has_its_code(line: bytes, code: str) -> None:
    assert refusal(usb.parse_request, line).code == code


def test_the_first_line_after_the_start_is_taken() -> None:
    buffer = usb.LineBuffer()
    assert [line for line in map(buffer.push, b"?{}\n") if line is not None] == [b"?{}"]


def test_a_line_too_long_is_refused_once_and_the_next_one_taken() -> None:
    found = lines_of(b"?" + b"x" * 5000 + b"\n" + b"# ok\n")
    assert found == ["usb.line", b"# ok"]


def test_a_line_has_at_most_1024_bytes() -> None:
    longest = b"?" + b"x" * 1023
    assert lines_of(longest + b"\n") == [longest]
    assert lines_of(longest + b"x\n") == ["usb.line"]


def test_a_message_too_long_is_never_sent() -> None:
    assert refusal(usb.make_answer, 1, {"text": "x" * usb.LINE_MAX}).code == "usb.long"


def test_a_chunk_with_its_request_fits_a_line() -> None:
    data = usb.to_text(os.urandom(usb.CHUNK_BYTES))
    more = {"name": "n" * 48, "offset": 0x3FFFFFFF, "data": data}
    assert len(lines.make_request(0x3FFFFFFF, "update.chunk", more)) <= usb.LINE_MAX


@given(st.binary(max_size=usb.CHUNK_BYTES))
def test_file_data_arrive_as_they_were(data: bytes) -> None:
    assert usb.from_text(usb.to_text(data)) == data


@pytest.mark.parametrize("text", ["!", "YQ", "YWJj\n", "Y W J j", "x" * 5, "====", "YQ==YQ=="])
def test_data_that_are_not_base64_are_refused(text: str) -> None:
    assert refusal(usb.from_text, text).code == "usb.data"


def test_a_chunk_too_large_is_refused() -> None:
    assert refusal(usb.from_text, usb.to_text(bytes(513))).code == "usb.data"


@given(st.binary(max_size=usb.CHUNK_BYTES))
def test_a_piece_comes_as_text_on_the_cable_and_as_it_is_by_the_link(data: bytes) -> None:
    assert usb.piece({"data": usb.to_text(data)}) == usb.piece({"data": data}) == data


@pytest.mark.parametrize("size", [usb.CHUNK_BYTES + 1, 2 * usb.CHUNK_BYTES])
def test_a_piece_too_large_by_the_link_is_refused(size: int) -> None:
    assert usb.piece({"data": bytes(usb.CHUNK_BYTES)}) == bytes(usb.CHUNK_BYTES)
    request = {"id": 1, "do": "update.chunk", "data": bytes(size)}
    assert refusal(usb.piece, request).code == "usb.shape"


@given(st.dictionaries(st.sampled_from(["path", "size"]), st.none() | st.booleans() | st.floats()))
def test_a_field_of_the_wrong_kind_is_refused(more: dict[str, Any]) -> None:
    request = {"id": 1, "do": "get", **more}
    assert "'path'" in refusal(usb.field, request, "path", str).why
    assert "'size'" in refusal(usb.field, request, "size", int).why


class TestAuthorisation:
    """Who may change a badge (R14)."""

    def guard(self) -> tuple[usb.Guard, str]:
        guard = usb.Guard(KEY)
        return guard, guard.challenge(os.urandom(usb.NONCE_BYTES))

    @pytest.mark.requirement("R14")
    def test_the_service_key_opens_the_service_verbs_for_two_minutes_of_silence(self) -> None:
        guard, nonce = self.guard()
        assert refusal(guard.check, usb.SERVICE, 0).code == "usb.locked"
        guard.authorise(usb.proof(KEY, nonce), 0)
        guard.check(usb.SERVICE, 119_000)
        guard.check(usb.FRESH, 238_000)
        assert refusal(guard.check, usb.SERVICE, 359_000).code == "usb.locked"
        assert refusal(guard.check, usb.SERVICE, 359_001).code == "usb.locked"

    @pytest.mark.requirement("R14")
    @given(st.binary(min_size=1, max_size=40).filter(lambda key: key != KEY))
    def test_no_other_key_does(self, key: bytes) -> None:
        guard, nonce = self.guard()
        assert refusal(guard.authorise, usb.proof(key, nonce), 0).code == "usb.denied"
        assert refusal(guard.check, usb.SERVICE, 0).code == "usb.locked"

    def test_a_challenge_serves_once(self) -> None:
        guard, nonce = self.guard()
        refusal(guard.authorise, "00" * 32, 0)
        assert refusal(guard.authorise, usb.proof(KEY, nonce), 0).code == "usb.challenge"

    def test_the_next_greeting_ends_an_authorisation(self) -> None:
        guard, nonce = self.guard()
        guard.authorise(usb.proof(KEY, nonce), 0)
        guard.challenge(os.urandom(usb.NONCE_BYTES))
        assert refusal(guard.check, usb.SERVICE, 1).code == "usb.locked"

    def test_a_badge_without_a_key_takes_only_what_provisions_it(self) -> None:
        guard = usb.Guard(None)
        assert not guard.provisioned
        assert usb.Guard(KEY).provisioned
        guard.check(usb.OPEN, 0)
        guard.check(usb.FRESH, 0)
        assert refusal(guard.check, usb.SERVICE, 0).code == "usb.unprovisioned"
        assert refusal(guard.authorise, "", 0).code == "usb.unprovisioned"

    def test_the_service_key_is_not_the_badges_own(self) -> None:
        assert usb.service_key(KEY) != KEY
        assert len(usb.service_key(KEY)) == 32


@given(st.binary(max_size=200))
def test_the_host_takes_nothing_for_an_answer_that_is_none(data: bytes) -> None:
    try:
        answer = lines.parse_answer(b"!" + data)
    except usb.UsbError:
        return
    assert answer is not None
    assert json.loads(data)["id"] == answer[0]


def test_a_verb_has_at_most_32_letters() -> None:
    assert usb.parse_request(b'?{"id":1,"do":"%s"}' % (b"v" * 32)) is not None
    assert refusal(usb.parse_request, b'?{"id":1,"do":"%s"}' % (b"v" * 33)).code == "usb.shape"
