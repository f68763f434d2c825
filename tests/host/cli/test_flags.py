"""One meaning a flag: of the same name it is the same in all verbs, and has one place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from nabij.cli.app import app, load
from nabij.cli.options import MEANINGS, RENAMED
from nabij.cli.verbs import VERBS
from tests.places import DOCS, REPO


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """A verb and all below it, with what is typed for each."""
    below = getattr(command, "commands", {})
    for word, one in below.items():
        yield from commands(one, f"{name} {word}")
    if not below:
        yield name, command


ALL = dict(itertools.chain.from_iterable(commands(load(verb), verb.name) for verb in VERBS))
FLAGS = [
    (name, flag, one)
    for name, command in ALL.items()
    for one in command.params
    if one.param_type_name == "option"
    for flag in (*one.opts, *one.secondary_opts)
]


def form(one: Any) -> tuple[object, ...]:
    """How a flag is typed: with a value or none, of which type, within which bounds."""
    kind = one.type_descriptor.annotation
    kind = kind.__args__[0] if one.multiple else kind
    # Two verbs may have other bounds for a length of time.
    bounds = () if "--hours" in one.opts else (one.min, one.max)
    return kind, one.is_flag, one.count, one.metavar, tuple(sorted(one.opts)), bounds


@pytest.mark.parametrize("flag", sorted({flag for _, flag, _ in FLAGS}))
def test_a_flag_is_the_same_in_all_verbs(flag: str) -> None:
    named = {name: one for name, other, one in FLAGS if other == flag}
    assert len({form(one) for one in named.values()}) == 1, {
        name: form(one) for name, one in named.items()
    }
    if len(named) > 1:
        long = next(name for name in next(iter(named.values())).opts if name.startswith("--"))
        for name, one in named.items():
            assert one.help.startswith(MEANINGS[long]), f"{name} {flag}: {one.help}"


def test_the_table_of_meanings_has_no_flag_that_no_verb_has() -> None:
    assert MEANINGS.keys() <= {flag for _, flag, _ in FLAGS}


@pytest.mark.parametrize(("verb", "old"), RENAMED)
def test_an_old_name_is_answered_with_the_new_one(verb: str, old: str) -> None:
    new = RENAMED[verb, old]
    for typed in ([old, "x"], [f"{old}=x"]):
        done = CliRunner().invoke(app, [*verb.split(), "x", *typed])
        assert done.exit_code == 2
        assert done.stderr == f"The option {old} of `nabij {verb}` is now called {new}.\n"
    flags = {flag for name, flag, _ in FLAGS if name == verb}
    assert (new in flags, old in flags) == (True, False)


def test_an_address_of_a_badge_is_an_argument_and_no_flag() -> None:
    named = {name: {one.name for one in command.params} for name, command in ALL.items()}
    addressed = {name for name, names in named.items() if "address" in names}
    assert {"devices", "log", "pull", "update", "doctor", "flash", "provision"} <= addressed
    assert {flag for _, flag, _ in FLAGS}.isdisjoint({"--address", "--device", "--serial"})


def typed_on(page: str) -> Iterator[tuple[str, str]]:
    """Each verb with each flag that a page shows behind it."""
    for line in re.findall(r"\bnabij ([a-z][^`\n#|]*)", page):
        words = line.split()
        verb = next((name for name in (" ".join(words[:2]), words[0]) if name in ALL), None)
        if verb is not None:
            own, _, beyond = line.partition(" -- ")
            yield from ((verb, flag) for flag in re.findall(r"(?<=\s)--[a-z][a-z-]*", own))
            # What a service is to be given.
            yield from (("serve", flag) for flag in re.findall(r"(?<!\S)--[a-z][a-z-]*", beyond))


def test_no_page_and_no_sentence_types_a_flag_that_its_verb_has_not() -> None:
    known = {(name, flag) for name, flag, _ in FLAGS} | {(name, "--help") for name in ALL}
    pages = [*DOCS.rglob("*.md"), *(REPO / "hardware").rglob("*.md"), REPO / "README.md"]
    pages += [file for one in ("host_tools", "firmware") for file in (REPO / one).rglob("*.py")]
    typed = {page: set(typed_on(page.read_text(encoding="utf-8"))) for page in pages}
    assert {page: found - known for page, found in typed.items() if found - known} == {}
    assert sum(map(len, typed.values())) > len(VERBS)
