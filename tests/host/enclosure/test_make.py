"""`make enclosure` as somebody runs it: a bad shell is refused before anything is drawn."""

from nabij.enclosure import make, measures
from tests.host.enclosure.shells import TEXT


def test_a_shell_that_breaks_a_rule_is_not_drawn(tmp_path, monkeypatch, capsys):
    text = TEXT.replace("flange_over = 1.6", "flange_over = 0.5")
    (tmp_path / "pod.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(measures, "FOLDER", tmp_path)
    monkeypatch.setattr(make, "BUILD", tmp_path / "build")
    assert make.main([]) == 1
    assert "it can fall out" in capsys.readouterr().err
    assert not (tmp_path / "build").exists()


def test_an_unknown_shell_is_one_sentence(capsys):
    assert make.main(["watch"]) == 1
    assert capsys.readouterr().err == "There is no shell 'watch'; there are: card, pod.\n"
