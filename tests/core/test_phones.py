"""Numbers and names of telephones: one sentence says what is wrong."""

import pytest

from badge.core import phones


@pytest.mark.parametrize(
    "number", ["+31612345678", "+4915112345678", "+12345678", "+123456789012345"]
)
def test_a_number_with_its_country_is_one(number: str) -> None:
    assert phones.parse_number(number) == number


@pytest.mark.parametrize(
    "number",
    [
        *("0612345678", "31612345678", "+0612345678", "+31 612345678", "+1234567", "+"),
        *("+1234567890123456", "+316a2345678"),
    ],
)
def test_what_is_none_is_told_how_to_write_it(number: str) -> None:
    with pytest.raises(ValueError, match=r"write it with its country, as \+31612345678\.$"):
        phones.parse_number(number)


@pytest.mark.parametrize("name", ["Jan de Wit", "O'Neil-2, x.", "J" * 24])
def test_a_name_of_plain_characters_is_one(name: str) -> None:
    assert phones.parse_name(name) == name


@pytest.mark.parametrize("name", ["J" * 25, "Zo\u00eb", "a@b", "a\nb"])
def test_a_name_that_some_phone_cannot_show_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="every phone"):
        phones.parse_name(name)
