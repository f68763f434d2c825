"""`make hardware` as somebody runs it: what it says, and that it refuses a bad design."""

import pytest

from nabij.electronics import make, pod, project
from tests.host.electronics.designs import TEXT, replaced


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Designs in a folder of the test, without KiCad; nothing of the working tree is touched."""
    for name in ("nabij.kicad_sym", "pod.toml"):
        (tmp_path / name).write_text((pod.FOLDER / name).read_text("utf-8"), "utf-8")
    (tmp_path / project.FOOTPRINTS).mkdir()
    monkeypatch.setattr(pod, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_design_that_breaks_a_rule_is_not_made(elsewhere, capsys):
    text = replaced(TEXT, 'kind = "r_1m"', 'kind = "r_1k"')
    (elsewhere / "pod.toml").write_text(text, encoding="utf-8")
    assert make.main([]) == 1
    assert "RIP has 1000 ohm" in capsys.readouterr().err


def test_an_unknown_design_is_one_sentence(elsewhere, capsys):
    assert make.main(["watch"]) == 1
    assert capsys.readouterr().err == "There is no design 'watch'; there are: pod.\n"
