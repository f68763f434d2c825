"""Whether the wearer is protected, and why not."""

from badge.core.wearer import protection, reasons


def test_the_gravest_reason_decides_whether_one_is_protected():
    answers = protection.Protection()
    assert answers.verdict() == (reasons.YES, ())
    said = {"now": ""}
    answers.add(lambda: said["now"])
    answers.add(lambda: "test")
    answers.add(lambda: "test")
    assert answers.verdict() == (reasons.LIMITED, ("test",))
    said["now"] = "network"
    assert answers.verdict() == (reasons.NO, ("network", "test"))


def test_what_no_table_knows_is_a_reason_all_the_same():
    answers = protection.Protection()
    answers.add(lambda: "task.of.tomorrow")
    assert answers.verdict() == (reasons.LIMITED, ("task.of.tomorrow",))
