"""What cannot be taken in is kept in files, and its topic told once."""

import json
from pathlib import Path

import pytest

from nabij.centre.link import set_aside
from nabij.centre.link.set_aside import SetAside


def test_each_message_is_a_file_and_each_topic_one_sentence(tmp_path: Path) -> None:
    said: list[str] = []
    aside = SetAside(tmp_path / "aside", said.append)
    for topic, frame in (
        ("nabij/anna/up", b"1"),
        ("nabij/anna/up", b"2"),
        ("nabij/bert/up", b"3"),
    ):
        aside.take((topic, frame))
    kept = [json.loads(file.read_text()) for file in (tmp_path / "aside").iterdir()]
    assert sorted((one["topic"], bytes.fromhex(one["frame"])) for one in kept) == [
        ("nabij/anna/up", b"1"),
        ("nabij/anna/up", b"2"),
        ("nabij/bert/up", b"3"),
    ]
    assert [("anna" in one, "bert" in one) for one in said] == [(True, False), (False, True)]


def test_a_flood_of_them_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside, "MOST_FILES", 5)
    aside = SetAside(tmp_path / "aside", print)
    for number in range(20):
        aside.take(("nabij/anna/up", b"%d" % number))
    assert len(list((tmp_path / "aside").iterdir())) == 5
