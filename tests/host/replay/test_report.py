"""The report of `nabij replay`: one file that says why, with hostile names, in a browser too."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nabij.cli.app import app
from nabij.version import this_version
from tests.core.detector.motion import UPRIGHT, rest
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

NO_CHROMIUM = "There is no Chromium: install Debian's package chromium."


def nabij(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def four(tmp_path: Path) -> Path:
    return bundle.write(tmp_path / "four")


def _report(folder: Path, *options: object) -> tuple[Path, dict[str, Any]]:
    path = folder.parent / "report.html"
    result = nabij("replay", folder, "--report", path, *options)
    assert result.exit_code == 0, result.output
    return path, _data_of(path)


def _data_of(path: Path) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', path.read_text(), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_report_is_one_file_that_asks_the_network_for_nothing(four: Path) -> None:
    path, _ = _report(four)
    text = path.read_text()
    assert "{{" not in text
    assert not re.search(r"""(src|href)\s*=\s*["']""", text)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_the_report_holds_a_trace_and_a_reason_for_every_wrong_decision(four: Path) -> None:
    _, data = _report(four)
    items = {item["trial"]: item for item in data["wrong"]}
    assert set(items) == {"missed", "bed"}
    assert items["missed"]["why"].startswith("Silent.")
    trace = items["missed"]["trace"]
    assert [one["kind"] for one in trace["decisions"]] == ["rejected"]
    assert trace["decisions"][0]["points"] < 0
    told = [int(points) for _, _, points, _ in trace["decisions"][0]["facts"]]
    assert sum(told) == pytest.approx(trace["decisions"][0]["points"], abs=len(told))
    (phase, start_s, end_s), *_ = trace["phases"]
    assert phase == "wait"
    assert start_s == pytest.approx(6.1, abs=0.2)
    assert end_s - start_s == pytest.approx(2.5, abs=0.2)
    assert trace["decisions"][0]["at_s"] == pytest.approx(end_s, abs=0.13)
    # The wearer stands as before: the drawn posture never comes near the limit for long.
    assert sorted(trace["tilt_deg"])[len(trace["tilt_deg"]) // 2] < 10
    assert [phase for phase, _, _ in items["bed"]["trace"]["phases"]] == ["wait", "confirm"]
    assert max(items["bed"]["trace"]["tilt_deg"]) > 80


def test_names_in_the_data_cannot_become_code(tmp_path: Path) -> None:
    nasty = '</script><img src=x onerror="boom()"> {{script}} {{style}} [/] [red]'
    made = [Made("x", bundle.lies_down(), is_fall=False, activity=nasty)]
    path, data = _report(bundle.write(tmp_path / "nasty", made))
    assert data["wrong"][0]["activity"] == nasty
    assert "[/] [red]" in nabij("replay", tmp_path / "nasty").stdout
    assert "<img" not in path.read_text()


def test_a_long_report_draws_some_of_every_group_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nabij.replay import html

    monkeypatch.setattr(html, "MOST_TRACES", 3)
    made = [Made(f"bed{k}", bundle.lies_down(), is_fall=False) for k in range(6)]
    made.append(Made("hit", bundle.soft_blow(), is_fall=True))
    path, data = _report(bundle.write(tmp_path / "many", made))
    drawn = [item["kind"] for item in data["wrong"] if item["trace"]]
    assert len(drawn) == data["drawn"] == 3
    assert "miss" in drawn
    assert len(data["wrong"]) == 7
    assert "Not drawn" in path.read_text()


def test_a_long_recording_is_drawn_around_its_decision(tmp_path: Path) -> None:
    points = rest(UPRIGHT, 60) + bundle.lies_down() + bundle.lying() * 3
    folder = bundle.write(tmp_path / "long", [Made("x", points, is_fall=False)])
    trace = _report(folder)[1]["wrong"][0]["trace"]
    assert not trace["whole"]
    assert trace["start_s"] < 65.3 < trace["start_s"] + 15
    assert {"fall", "confirmed"} <= {one["kind"] for one in trace["decisions"]}


def test_the_report_tells_the_pre_alarms_that_were_taken_back(tmp_path: Path) -> None:
    made = [Made("x", bundle.gets_up(), is_fall=False)]
    data = _report(bundle.write(tmp_path / "felt", made))[1]
    hours = len(bundle.gets_up()) / 104 / 3600
    assert data["groups"][0]["false_alarms"] == 0
    assert data["groups"][0]["pre_alarms_per_hour"] == pytest.approx(1 / hours)


def test_the_address_of_a_report_tells_places_of_one_trial_apart(tmp_path: Path) -> None:
    made = [
        Made("x", bundle.soft_blow(), is_fall=True, placement=place) for place in ("chest", "neck")
    ]
    path, _ = _report(bundle.write(tmp_path / "both", made))
    shown = _shown_by_browser(f"{path.as_uri()}#both%2Fx%2Fneck")
    assert "both / x, neck, subject" in shown


def test_a_browser_without_a_network_shows_why_the_badge_stayed_silent(four: Path) -> None:
    path, data = _report(four, "--subjects", "S0*")
    shown = _shown_by_browser(path.as_uri())
    assert f'id="why">{data["wrong"][0]["why"]}' in shown
    assert "<canvas" in shown
    assert "all else" in shown


def test_the_report_says_how_it_came_to_be(four: Path) -> None:
    _, data = _report(four, "--subjects", "S0*")
    assert data["command"] == "nabij replay four --subjects 'S0*'"
    assert data["nabij"] == this_version().name
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d .+", data["at"])
    (config,) = data["configs"]
    assert config["settings"]["keepalive_s"] == 60


def test_pre_alarms_that_raised_nothing_are_cases_of_their_own(tmp_path: Path) -> None:
    made = [
        Made("felt", bundle.gets_up(), is_fall=False, subject="S02"),
        Made("bed", bundle.lies_down(), is_fall=False),
        Made("stands", bundle.stands(), is_fall=False),
    ]
    _, data = _report(bundle.write(tmp_path / "set", made))
    (felt,) = data["felt"]
    assert (felt["kind"], felt["trial"], felt["pre_alarms"]) == ("pre-alarm", "felt", 1)
    assert felt["reason"] == "judged a fall, taken back"
    assert felt["trace"]["phases"]
    (wrong,) = data["wrong"]
    assert (wrong["kind"], wrong["reason"]) == ("false alarm", "judged a fall, still down")


def test_two_configurations_stand_side_by_side(four: Path) -> None:
    (four.parent / "keen.toml").write_text("impact_mg = 2000\n")
    (four.parent / "deaf.toml").write_text("impact_mg = 4000\nfall_points = 1000\n")
    path = four.parent / "both.html"
    configs = (four.parent / "deaf.toml", four.parent / "keen.toml")
    result = nabij("compare", *configs, four, "--report", path)
    assert result.exit_code == 0, result.output
    data = _data_of(path)
    assert [one["name"] for one in data["configs"]] == ["deaf", "keen"]
    assert data["command"] == "nabij compare deaf.toml keen.toml four"
    assert {row["key"][0] for row in data["groups"]} == {"deaf", "keen"}
    assert data["wrong"]
    for item in data["wrong"]:
        assert item["kind"] in {"only deaf right", "only keen right"}
        (other,) = item["others"]
        assert (item["config"], other["config"]) == ("deaf", "keen")
        assert item["trace"]
        assert other["trace"]
        assert item["why"] != other["why"]


def test_the_report_fits_a_phone_and_obeys_the_arrow_keys_at_once(tmp_path: Path) -> None:
    name = "a recording with a name that is much wider than any telephone is" * 2
    made = [
        Made(f"{name}{k}", bundle.lies_down(), is_fall=False, activity=f"bed {k}")
        for k in range(2)
    ]
    path, _ = _report(bundle.write(tmp_path / "two", made))
    # A browser without a screen has windows of 500 points and more: the page is made narrower.
    probe = """<script>
      document.documentElement.style.width = "375px";
      const texts = [], fillText = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const size = this.measureText(text).width;
        const left = x - { left: 0, center: size / 2, right: size }[this.textAlign];
        const upright = !this.getTransform().b;
        if (upright) texts.push({ canvas: this.canvas, text, y, left, right: left + size });
        fillText.call(this, text, x, y);
      };
      dispatchEvent(new Event("resize"));
      const spilt = texts.filter((one) => one.left < -1 || one.right > one.canvas.clientWidth + 1
        || texts.some((other) => other !== one && other.canvas === one.canvas && other.y === one.y
          && other.left < one.right && one.left < other.right));
      const wide = [...document.querySelectorAll("body *")].filter(
        (one) => !one.closest(".scroll, pre, script") && one.getBoundingClientRect().right > 376);
      const down = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true });
      document.body.dispatchEvent(down);
      document.body.prepend(`drawn: ${texts.length > 20};`);
      document.body.prepend(`spilt: ${spilt.map((one) => one.text)};`);
      document.body.prepend(`too wide: ${wide.map((one) => one.tagName + "." + one.className)};`,
        ` chosen: ${document.querySelector("#list [aria-selected=true]").textContent};`);
    </script></body>"""
    path.write_text(path.read_text().replace("</body>", probe))
    shown = _shown_by_browser(path.as_uri())
    assert "too wide: ;" in shown
    assert "spilt: ;drawn: true;" in shown
    assert "chosen: false alarm bed 1" in shown


def test_the_list_obeys_each_filter_and_all_of_them_together(tmp_path: Path) -> None:
    made = [
        Made("a", bundle.lies_down(), is_fall=False, subject="S01", activity="bed"),
        Made("b", bundle.lies_down(), is_fall=False, subject="S02", activity="bed"),
        Made("c", bundle.lies_down(), is_fall=False, subject="S02", activity="sofa"),
        Made("d", bundle.soft_blow(), is_fall=True, subject="S01", activity="slip"),
    ]
    path, data = _report(bundle.write(tmp_path / "set", made))
    reasons = {one["trial"]: one["reason"] for one in data["wrong"]}
    assert len(reasons) == len(made)
    # In the order of the page: where, activity, subject, reason; "" is all.
    chosen: list[tuple[str, list[str]]] = [
        ("false alarm", ["", "", "", ""]),
        ("false alarm", ["", "bed", "", ""]),
        ("false alarm", ["", "", "S02", ""]),
        ("false alarm", ["", "bed", "S02", ""]),
        ("false alarm", ["", "", "", reasons["c"]]),
        ("miss", ["", "", "", reasons["d"]]),
    ]
    probe = f"""<script>
      for (const [kind, values] of {json.dumps(chosen)}) {{
        document.querySelector(`#kinds [data-kind="${{kind}}"]`).click();
        values.forEach((value, i) => {{
          const node = document.getElementById("filters").children[i];
          node.value = value;
          if (node.value !== value) throw new Error(value);
          node.dispatchEvent(new Event("change"));
        }});
        const rows = [...document.querySelectorAll("#list small:first-of-type")];
        document.body.prepend(`[${{rows.map((one) => one.textContent.split(" / ")[1])}}]`);
      }}
    </script></body>"""
    path.write_text(path.read_text().replace("</body>", probe))
    lists = re.findall(r"\[([a-d,]*)\]", _shown_by_browser(path.as_uri()).split("<body>")[1])
    assert lists[: len(chosen)][::-1] == ["a,b,c", "a,b", "b,c", "b", "a,b,c", "d"]


def _chromium() -> str:
    """The browser; where it is missing the test skips, on CI it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{NO_CHROMIUM} CI has to have it.")
        pytest.skip(NO_CHROMIUM)
    return found


def _shown_by_browser(address: str) -> str:
    # Nothing of the browser's own may go to the network either.
    quiet = ("background-networking", "component-update", "sync", "quic", "gpu")
    options = ["--headless", "--no-sandbox", "--no-first-run", "--virtual-time-budget=3000"]
    options += [f"--disable-{one}" for one in quiet]
    done = subprocess.run(
        [_chromium(), *options, "--dump-dom", address],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout[: done.stdout.index('id="data"')]
