"""The score of the mutation tests: what counts, what does not, and which tests are asked."""

from pathlib import Path

from tests.house.sources import Sources
from tests.mutants import report, targets
from tests.mutants.report import Change, Score
from tests.places import REPO

DIFF = """--- mutation diff ---
--- afirmware/badge/core/utc.py
+++ bfirmware/badge/core/utc.py
@@ -1,3 +1,3 @@
 def f(x):
-    return x + 1
+    return x - 1
"""


def changes(noticed: int, survived: int) -> list[Change]:
    return [Change("NumberReplacer", 3, DIFF, n < noticed) for n in range(noticed + survived)]


def test_a_change_is_told_by_its_lines() -> None:
    assert report.edit(DIFF) == "return x + 1 -> return x - 1"
    one = report.score("firmware/badge/core/utc.py", changes(2, 1))
    assert "utc.py:3 NumberReplacer: return x + 1 -> return x - 1" in report.table([one])


def test_what_changes_nothing_for_anybody_does_not_count() -> None:
    [survivor] = changes(0, 1)
    assert Score("m", made=10, noticed=9, equivalent=1, survived=[]).percent == 100
    assert Score("m", made=10, noticed=8, equivalent=1, survived=[survivor]).percent < 90
    assert Score("m", made=0, noticed=0, equivalent=0, survived=[]).percent == 100


def test_the_goals_are_for_all_and_for_each() -> None:
    good = report.score("a", changes(97, 3))
    assert report.is_good([good])
    assert not report.is_good([report.score("a", changes(96, 4))])
    assert not report.is_good([good, report.score("b", changes(8, 2))])


def test_every_module_that_is_broken_has_tests_that_exist() -> None:
    sources = Sources.read()
    found = targets.modules(sources, [])
    assert len(found) > 60
    for module in found:
        tests = targets.tests(sources, module)
        assert all((REPO / path).is_file() for path in (*tests.own, *tests.beside))
        assert Path(REPO / tests.room).is_dir()
    assert targets.modules(sources, ["firmware/badge/core/utc.py"]) == [
        "firmware/badge/core/utc.py"
    ]
