"""Whether the wearer is protected, and why not."""

from badge.core.wearer import protection


def test_the_gravest_reason_decides_whether_one_is_protected():
    answers = protection.Protection()
    assert answers.verdict() == (protection.YES, ())
    said = {"now": ""}
    answers.add(lambda: said["now"])
    answers.add(lambda: "test")
    answers.add(lambda: "test")
    assert answers.verdict() == (protection.LIMITED, ("test",))
    said["now"] = "network"
    assert answers.verdict() == (protection.NO, ("network", "test"))


def test_every_reason_is_explained():
    for reason, weight, doc in protection.REASONS:
        assert weight in (protection.LIMITED, protection.NO)
        assert doc.endswith(".")
        assert reason
