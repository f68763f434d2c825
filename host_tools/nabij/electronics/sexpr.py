"""The bracketed texts of KiCad: parse, look up, write the same bytes each time."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Node: TypeAlias = "str | Sequence[Node]"
_WORD = re.compile(r'[()]|"(?:[^"\\]|\\.)*"|[^\s()"]+')


def parse(text: str) -> list[Node]:
    """The outermost list of a text; quoted atoms keep their quotes. Raises ValueError."""
    stack: list[list[Node]] = [[]]
    for word in _WORD.findall(text):
        if word == "(":
            stack.append([])
        elif word == ")":
            if len(stack) == 1:
                raise ValueError("there is one ) too many")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word)
    whole = [one for one in stack[0] if isinstance(one, list)]
    if len(stack) != 1 or len(stack[0]) != 1 or not whole:
        raise ValueError("it is not one list in brackets")
    return whole[0]


def dump(node: Node, depth: int = 0) -> str:
    """The text of a node, indented by tabs as KiCad does it."""
    if isinstance(node, str):
        return node
    if all(isinstance(part, str) for part in node):
        return f"({' '.join(str(part) for part in node)})"
    text, on_head = "", True
    for part in node:
        on_head = on_head and isinstance(part, str)
        text += (" " if on_head and text else "" if on_head else "\n" + "\t" * (depth + 1)) + dump(
            part, depth + 1
        )
    return f"({text})"


def quoted(value: object) -> str:
    """An atom with quotes."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquoted(node: Node) -> str:
    """The text of an atom; raises ValueError."""
    if not isinstance(node, str):
        raise ValueError(f"{dump(node)} is no atom")  # noqa: TRY004 - the text is at fault
    return node[1:-1].replace('\\"', '"').replace("\\\\", "\\") if node[:1] == '"' else node


def number(value: float) -> str:
    """A length in mm, to a tenth of a micrometre."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def lists(node: Node, name: str) -> Iterator[list[Node]]:
    """The lists directly inside a node that begin with a name."""
    for part in node:
        if isinstance(part, list) and part and part[0] == name:
            yield part


def first(node: Node, name: str) -> list[Node]:
    """The first of `lists`; raises ValueError when there is none."""
    for found in lists(node, name):
        return found
    raise ValueError(f"there is no ({name} ...) in {dump(node)[:40]}")
