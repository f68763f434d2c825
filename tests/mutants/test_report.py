"""The score of the mutation tests: what counts, what does not, and which tests are asked."""

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("operator", "old", "new", "is_same"),
    [
        ("NumberReplacer", "_AGAIN_MS = const(300_000)", "_AGAIN_MS = const( 300001)", True),
        ("NumberReplacer", "_STEP_MG = const(200)", "_STEP_MG = const( 199)", True),
        ("NumberReplacer", "_ASKED_MS = const(30)", "_ASKED_MS = const( 31)", False),
        ("NumberReplacer", '"NO": ((500, 200, 1350),),', '"NO": ((501, 200, 1350),),', True),
        ("NumberReplacer", '"ALARM": ((100, 100),) * 8,', '"ALARM": ((100, 100),) * 7,', False),
        ("NumberReplacer", "if port < 65536:", "if port < 65535:", False),
        ("NumberReplacer", "if age_ms == 5000:", "if age_ms == 5001:", False),
        ("NumberReplacer", "_MOST = const(300)", "_MOST = const( 301)", False),
        (
            "ReplaceComparisonOperator_GtE_Gt",
            "return age_ms >= due_ms + a",
            "return age_ms > due_ms + a",
            True,
        ),
        (
            "ReplaceComparisonOperator_LtE_Lt",
            "if 0 <= age_ms < _MOST_MS:",
            "if 0 < age_ms < _MOST_MS:",
            False,
        ),
        (
            "ReplaceComparisonOperator_Lt_LtE",
            "if 0 <= age_ms < _MOST_MS:",
            "if 0 <= age_ms <= _MOST_MS:",
            True,
        ),
        (
            "ReplaceComparisonOperator_Gt_GtE",
            "if len(found) > MOST:",
            "if len(found) >= MOST:",
            False,
        ),
        ("ReplaceComparisonOperator_Gt_GtE", "if n > 3 and a_ms:", "if n >= 3 and a_ms:", False),
        (
            "ReplaceComparisonOperator_Gt_GtE",
            "if _ms(now) > 0 or x:",
            "if _ms(now) >= 0 or x:",
            False,
        ),
        (
            "ReplaceComparisonOperator_GtE_Eq",
            "if age_ms >= due_ms:",
            "if age_ms == due_ms:",
            False,
        ),
        (
            "ReplaceBinaryOperator_BitOr_Add",
            "| (wire.FLAG_LATE if alarm.has(LATE) else 0)",
            "+ (wire.FLAG_LATE if alarm.has(LATE) else 0)",
            True,
        ),
        (
            "ReplaceBinaryOperator_BitOr_BitXor",
            "A = wire.UP | wire.DOWN",
            "A = wire.UP ^ wire.DOWN",
            True,
        ),
        ("ReplaceBinaryOperator_BitOr_Add", "A = _UP | _DOWN", "A = _UP + _DOWN", True),
        ("ReplaceBinaryOperator_BitOr_BitAnd", "A = UP | DOWN", "A = UP & DOWN", False),
        (
            "ReplaceBinaryOperator_BitOr_Add",
            "self.bits = self.bits | UP",
            "self.bits = self.bits + UP",
            False,
        ),
    ],
)
def test_what_nobody_can_notice_is_told_from_what_matters(
    operator: str, old: str, new: str, is_same: bool
) -> None:
    diff = f"--- a\n+++ b\n-    {old}\n+    {new}\n"
    assert report.is_same(Change(operator, 1, diff, noticed=False)) == is_same


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
