"""What a node of a cluster is, kept in its folder, or a sentence that says what to do."""

from pathlib import Path

import pytest

from nabij.centre.link.peer import FILE, Folder, Peer, read_peer
from nabij.errors import NabijError, UsageError

PEER = Peer("one", "10.0.0.1", 8883, 4222, 6222, ("tls://10.0.0.2:6222",), "CN=r", "CN=o")


def test_a_node_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(PEER.to_json())
    assert read_peer(tmp_path) == PEER


def test_a_folder_that_is_of_no_node_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no node .*nabij cluster init"):
        read_peer(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"routes": 1}', b'{"routes": []}'])
def test_a_damaged_description_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(NabijError, match=r"not the description of a node.*nabij cluster init"):
        read_peer(tmp_path)


def test_certificates_that_others_made_have_their_names(tmp_path: Path) -> None:
    one = Folder(tmp_path)
    assert one.ca_file == tmp_path / "ca.pem"
    assert one.files("server") == (tmp_path / "server.pem", tmp_path / "server.key")
