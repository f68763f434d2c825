"""Answers about webhooks: their secrets are shown once, and their addresses never whole."""

from typing import Annotated

from msgspec import Meta, Struct

from nabij.centre.console.asking import Ask
from nabij.centre.console.models import Asked, Done, Name
from nabij.centre.people import audit
from nabij.centre.webhooks import hooks
from nabij.centre.webhooks.hooks import LONGEST_URL, Hook


class WebhookAsked(Asked, frozen=True):
    """A new webhook."""

    name: Name
    url: Annotated[str, Meta(min_length=1, max_length=LONGEST_URL)]


class WebhookChanged(Asked, frozen=True):
    """Whether it is disabled."""

    disabled: bool


class WebhookMade(Struct, frozen=True):
    """The secret that signs what is posted to it, which is shown only now."""

    id: int
    secret: str


class WebhookItem(Struct, frozen=True):
    """A webhook; `behind` is how many events it was not told of yet.

    `failing_ms` is since when it takes nothing, null while it does; `said` is what it says then.
    """

    id: int
    name: str
    host: str
    disabled: bool
    behind: int
    failing_ms: int | None
    said: str


class Webhooks(Struct, frozen=True):
    """All webhooks."""

    webhooks: list[WebhookItem]


def webhooks(ask: Ask) -> Webhooks:
    """All webhooks, and how far each is."""
    found = hooks.all_of(ask.connection)
    return Webhooks(
        [
            WebhookItem(
                id=one.id,
                name=one.name,
                host=one.host,
                disabled=one.disabled,
                behind=hooks.behind(ask.connection, one),
                failing_ms=one.failing_ms,
                said=one.said,
            )
            for one in found
        ]
    )


def add(ask: Ask) -> WebhookMade:
    """A new webhook; it is told of what happens from now on."""
    asked = ask.of(WebhookAsked)
    made = hooks.add(ask.connection, asked.name, asked.url)
    _noted(ask, "added a webhook", made)
    return WebhookMade(made.id, hooks.shown_secret(made))


def change(ask: Ask) -> Done:
    """Post nothing there any more, or again from now on."""
    disabled = ask.of(WebhookChanged).disabled
    changed = hooks.disable(ask.connection, ask.number("webhook"), disabled=disabled)
    return _noted(ask, "disabled a webhook" if disabled else "enabled a webhook", changed)


def remove(ask: Ask) -> Done:
    """There is no such webhook any more."""
    return _noted(ask, "removed a webhook", hooks.remove(ask.connection, ask.number("webhook")))


def _noted(ask: Ask, what: str, hook: Hook) -> Done:
    words = f"{hook.name}, {hook.host}"
    audit.add(ask.connection, ask.now_ms, ask.visitor.account.login, what, detail=words)
    return Done()
