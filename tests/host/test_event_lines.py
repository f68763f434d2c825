"""The badge's log lines, and their fields as what they are."""

from nabij.event_lines import parse_event


def test_fields_are_numbers_truths_and_text() -> None:
    event = parse_event(
        "# 8821 link.up session_present=False took_ms=1965 rsrp_dbm=-87 v=4.15 why=None "
        "kind=sos build='17953' text='a b' slot=0a1"
    )
    assert event is not None
    assert event.values == {
        "session_present": False,
        "took_ms": 1965,
        "rsrp_dbm": -87,
        "v": 4.15,
        "why": None,
        "kind": "sos",
        # What the badge puts in quotes is text to it.
        "build": "17953",
        "text": "a b",
        "slot": "0a1",
    }


def test_a_field_with_nothing_in_it_is_no_reason_to_lose_the_line() -> None:
    event = parse_event("# 8821 boot build= number=7 why=''")
    assert event is not None
    assert event.fields == {"build": "", "number": "7", "why": ""}
    assert event.quoted == {"why"}


def test_what_is_no_event_is_none() -> None:
    assert parse_event("Traceback (most recent call last):") is None


def test_text_with_both_kinds_of_quotes_is_no_reason_to_lose_the_line() -> None:
    """A modem's own words may have any of them: AT+CEER, or what answers a command."""
    for text in ("""it's "denied" """, '"denied"', "'", 'a "b"', "x=1 y='2'"):
        # As MicroPython writes it.
        quoted = repr(text) if "'" not in text or '"' in text else f'"{text}"'
        event = parse_event(f"# 8821 link.down code=modem.denied why={quoted} failures=2")
        assert event is not None, quoted
        assert event.fields == {"code": "modem.denied", "why": text, "failures": "2"}
