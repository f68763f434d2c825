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


def test_one_source_can_have_several_reasons_and_each_is_said_once():
    answers = protection.Protection()
    answers.add(lambda: "test")
    found: list[str] = []
    answers.add_all(lambda: found)
    assert answers.verdict() == (reasons.LIMITED, ("test",))
    found += ["test", "network", "task.b", "task.a", "task.a"]
    assert answers.verdict() == (reasons.NO, ("network", "task.a", "task.b", "test"))


def test_each_verdict_has_its_name_and_its_signal():
    verdicts = (reasons.YES, reasons.LIMITED, reasons.NO)
    assert [protection.NAMES[verdict] for verdict in verdicts] == ["yes", "limited", "no"]
    signals = [protection.SIGNALS[verdict] for verdict in verdicts]
    assert signals == ["PROTECTED", "LIMITED", "NOT_PROTECTED"]


def test_the_event_log_has_the_reasons_in_a_row_and_a_word_for_none():
    assert protection.listed(()) == "none"
    assert protection.listed(("network", "test")) == "network,test"
