"""Plans as a file: what is wrong is named, what is right comes back, secrets stay."""

import pytest

from nabij.centre.escalation import plan_file
from nabij.centre.escalation.plan import Until, When
from nabij.errors import UsageError
from tests.host.centre.escalation.plans import TEXT, book

# Each by what to replace in a plan that is right, and the words that name the mistake.
WRONG = [
    ("after_s = 60", "after_s = -1", "after_s of steps 2 of plans.yard is -1"),
    ("after_s = 60", "after_s = true", "after_s of steps 2 of plans.yard is not of the right"),
    ("after_s = 60", "", "steps 2 of plans.yard has no after_s"),
    ("after_s = 60", "after_s = 301", "The last step of plans.yard comes before another"),
    ('when = "working"', 'when = "noon"', "give one of always, working, outside"),
    ('until = "closed"', 'untill = "closed"', "has the unknown untill"),
    ('whom = "desk"', 'whom = "nobody"', "names nobody, who is not among the people"),
    ('stand_in = "jansen"', 'stand_in = "x"', "people.smit names x"),
    ('["sms", "mail"]', '["fax"]', "names the fax of smit, who has sms, mail"),
    ("last = 2026-12-31", "last = 2026-12-01", "ends before it begins"),
    ("last = 2026-12-31", 'last = "soon"', "a day as 2026-12-24"),
    ("22:00-07:00", "22-7", "'22-7' are no hours"),
    ("22:00-07:00", "22:00-22:00", "are no hours"),
    ("mon-fri 08", "mon-fry 08", "are no hours"),
    ('badges = ["*"]', "badges = [1]", "a list of texts"),
    ("https://alarm.example.org:8443", "alarm.example.org", "is no address as https"),
    ("https://alarm.example.org:8443", "https://me:word@example.org", "is no address as https"),
    ("claim_min = 20", "claim_min = 0", "claim_min of plans.yard is 0"),
    ('name = "J. Smit"', "", "people.smit has no name"),
    ('name = "J. Smit"', 'name = "P.  Jansen"', "Two people have the name P. Jansen"),
    ("[people.smit]", "[people.smit", "This is no TOML"),
    ("[people.smit]", "[people.Smit]", "cannot name one of the people"),
    ("json://localhost:9/push", "kept", "No push of people.jansen is known to be kept"),
]


def test_a_plan_is_read_as_it_is_written() -> None:
    found = book()
    plan = found.plans["yard"]
    assert [step.whom for step in plan.all_steps] == ["smit", "jansen", "jansen", "desk"]
    assert (plan.claim_min, plan.repeat_min, plan.last.wakes) == (20, 5, True)
    assert (plan.steps[1].when, plan.steps[1].until) == (When.WORKING, Until.CLOSED)
    assert [one.name for one in found.people["smit"].channels] == ["sms", "mail"]


@pytest.mark.parametrize(("before", "after", "words"), WRONG)
def test_what_is_wrong_is_named(before: str, after: str, words: str) -> None:
    assert before in TEXT
    with pytest.raises(UsageError) as refused:
        plan_file.read(TEXT.replace(before, after))
    assert words in refused.value.sentence


def test_two_plans_for_one_badge_are_refused() -> None:
    second = '[plans.b]\nzone = "UTC"\nbadges = ["*"]\nlast = { after_s = 1, whom = "desk" }\n'
    with pytest.raises(UsageError, match=r"Both plans.yard and plans.b"):
        plan_file.read(TEXT + second)


def test_what_is_written_is_read_again_and_shows_no_secret() -> None:
    found = book()
    text = plan_file.write(found)
    assert "json://" not in text
    assert "localhost" not in text
    assert plan_file.read(text, known=found) == found
    assert plan_file.read(plan_file.write(found, lambda channel: channel.url)) == found


def test_no_record_shows_a_secret_when_it_is_printed() -> None:
    assert "localhost" not in repr(book())
