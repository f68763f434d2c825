"""Tells whoever listens what happened, once it is in the database; what a crash kept, later."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.store import Store, StoreError

_log = logging.getLogger("nabij.receiver")


class Listeners:
    """`on_incident` hears of each new incident, `on_news` of whatever else happens to an alarm."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.on_incident: list[Callable[[Incident], None]] = []
        self.on_news: list[Callable[[News], None]] = []
        self._say = say
        self._telling = threading.Lock()

    def tell(self, store: Store, news: tuple[int, ...] | None) -> None:
        """Tell of these changes, or of all that were not told before."""
        if news == ():
            return
        with self._telling:
            try:
                changes = store.news(news)
            except StoreError as error:
                self._say(f"What happened just now will be told at the next start. {error}")
                return
            for change in changes:
                self._tell_one(change)
            try:
                store.told(*(change.id for change in changes))
            except StoreError as error:
                self._say(f"What happened just now will be told again at the next start. {error}")

    def _tell_one(self, change: News) -> None:
        calls: list[Callable[[], None]] = []
        incident = change.incident
        if change.what is What.OPENED and incident is not None:
            calls += [partial(listener, incident) for listener in self.on_incident]
        else:
            calls += [partial(listener, change) for listener in self.on_news]
        named = change.badge if incident is None else f"Incident {incident.id}"
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001 - one listener's fault is not the next one's
                _log.exception("fault in a listener")
                self._say(f"{named} is kept, but a listener failed on it.")
