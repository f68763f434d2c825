"""A stranger finds a module by guessing: by the words of its path and of its first line."""

import ast
import re

import pytest

from tests.house.sources import Sources

_CENTRE = "host_tools/nabij/centre"
_NABIJ = "host_tools/nabij"
# Words that somebody looks for who has not read the code, and the module that has it.
GUESSES = {
    "password hash": f"{_CENTRE}/console/passwords.py",
    "too many logins throttle": f"{_CENTRE}/console/throttle.py",
    "second factor code login": f"{_CENTRE}/console/entry.py",
    "translation language": f"{_CENTRE}/languages.py",
    "console live news browser": f"{_CENTRE}/console/live.py",
    "who may role permission": f"{_CENTRE}/people/roles.py",
    "session cookie": f"{_CENTRE}/people/sessions.py",
    "consent council": f"{_CENTRE}/people/consent.py",
    "certificate authority": f"{_CENTRE}/register/pki.py",
    "escalation plan toml": f"{_CENTRE}/escalation/plan_file.py",
    "escalation next step runner": f"{_CENTRE}/escalation/runner.py",
    "hours weekday night": f"{_CENTRE}/escalation/hours.py",
    "send mail sms": f"{_CENTRE}/notify/sender.py",
    "link in a message answer signed": f"{_CENTRE}/escalation/links.py",
    "plan mistake check lint": f"{_CENTRE}/escalation/lint.py",
    "fleet few badges at a time": f"{_CENTRE}/fleet/fleet.py",
    "fleet job state": f"{_CENTRE}/fleet/jobs.py",
    "order to one badge once": f"{_CENTRE}/fleet/order_line.py",
    "alarm centre sia": f"{_CENTRE}/handover/frame.py",
    "backup encrypted": f"{_CENTRE}/upkeep/sealed.py",
    "sms posted webhook service": f"{_CENTRE}/sms/webhook.py",
    "how a service signs": f"{_CENTRE}/sms/signatures.py",
    "bill of materials": f"{_NABIJ}/electronics/lists.py",
    "tracks copper route": f"{_NABIJ}/electronics/router.py",
    "wiring solder": f"{_NABIJ}/electronics/wiring_page.py",
    "kicad rule checks": f"{_NABIJ}/electronics/kicad.py",
    "shell wall thickness": f"{_NABIJ}/enclosure/inspection.py",
    "shell millimetres": f"{_NABIJ}/enclosure/measures.py",
    "update application slot pieces": f"{_NABIJ}/acts/update.py",
    "third party licence": f"{_NABIJ}/release/notices.py",
}
# Where more than these are as near, nobody looks through them.
MOST = 3


def words_of(text: str) -> set[str]:
    """Lower case, and without the endings of plurals and verbs."""
    found = re.findall(r"[a-z]{2,}", text.lower().replace("_", " "))
    return {re.sub(r"(ies|es|ed|ing|s|y|e)$", "", word) or word for word in found}


MODULES = {
    file.path: (
        words_of(file.path.removeprefix(f"{_NABIJ}/").removesuffix(".py")),
        words_of((ast.get_docstring(ast.parse(file.text)) or "").split("\n\n")[0]),
    )
    for file in Sources.read().below(_NABIJ)
    if not file.path.endswith("__init__.py")
}


@pytest.mark.parametrize("guess", GUESSES)
def test_a_guess_leads_to_the_module(guess: str) -> None:
    wanted = words_of(guess)
    near = {
        path: 2 * len(wanted & named) + len(wanted & said - named)
        for path, (named, said) in MODULES.items()
    }
    module = GUESSES[guess]
    before = sorted(path for path in near if near[path] >= near[module] and path != module)
    assert near[module] > 0, MODULES[module]
    assert len(before) < MOST, before
