"""Settings over USB: read them, try new ones for one start, confirm them or go back by itself."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.codec.usb_protocol import OPEN, SERVICE, UsbError, field
from badge.core.portable import const
from badge.core.settings import trial
from badge.core.settings.config import Config, ConfigError
from badge.core.settings.fields import FIELDS
from badge.tasks import beat

_ROUND_MS = const(1000)
# As many settings as fit a line with the longest names and values.
_PAGE = const(8)
# Told in place of a setting that has a password in it; sent back, it leaves it as it is.
_SECRET = "wlan_networks"  # noqa: S105  the name of it
_KEPT = "*"


class ConfigConsole:
    """The verbs config.*, and the watch over a trial.

    `alarms()` are the open ones, `link_is_up()` and `crashes()` tell how this start goes with the
    settings of `common`, `restart` is a Restart.
    """

    def __init__(self, common, config_file, restart, alarms, link_is_up, crashes):
        self._file = config_file
        self._config = common.config
        self._gate = common.gate
        self._alarms = alarms
        self._link_is_up = link_is_up
        self._crashes = crashes
        self._restart = restart
        self._log = common.log
        self._began_ms = ticks_ms()
        self._parts = {}

    def verbs(self):
        """For the table of the USB console."""
        return {
            "config.get": (OPEN, self.get),
            "config.stage": (SERVICE, self.stage),
            "config.commit": (SERVICE, self.commit),
            "config.revert": (SERVICE, self.revert),
        }

    async def get(self, request):
        """{"start"}: a page of {"settings", "given": set and not default, "next"}, and the trial.

        "trial" is none, staged or running; "why_not" says why one cannot be confirmed yet.
        """
        start = field(request, "start", int, 0)
        settings = self._file.trial
        if settings is None:
            settings = self._file.settings()
        names = [field.name for field in FIELDS][start : start + _PAGE]
        more = start + _PAGE < len(FIELDS)
        return {
            "profile": self._config.profile,
            "settings": {name: self._shown(name) for name in names},
            "given": [name for name in names if name in settings],
            "next": start + _PAGE if more else None,
            "trial": self._state(),
            "why_not": self._why_not_yet() if self._file.trial is not None else "",
            "left_ms": self._left_ms() if self._file.trial is not None else 0,
            "reverted": self._file.reverted,
        }

    def _shown(self, name):
        value = getattr(self._config, name)
        return _KEPT if name == _SECRET and value else value

    async def stage(self, request):
        """{"settings", "part", "more"}: after the last part the badge restarts and tries them."""
        if field(request, "part", int, 0) == 0:
            self._parts = {}
        self._parts.update(field(request, "settings", dict))
        if field(request, "more", bool, False):
            return {"parts": len(self._parts)}
        settings, self._parts = self._parts, {}
        if settings.get(_SECRET) == _KEPT:
            settings[_SECRET] = getattr(self._config, _SECRET)
        self._refuse_if_busy()
        try:
            Config.from_dict(settings)
        except ConfigError as error:
            raise UsbError(error.code, str(error))
        await self._on_flash(lambda: self._file.stage(settings, self._link_is_up()))
        self._log.event("config.staged", settings=len(settings))
        self._restart.soon("config")
        return {"confirm_within_ms": trial.CONFIRM_WITHIN_MS}

    async def commit(self, _request):
        """Put the settings on trial in force; refused until the badge is healthy with them."""
        if self._file.trial is None:
            raise UsbError("config.no_trial", "No settings are on trial.")
        why_not = self._why_not_yet()
        if why_not or self._restart.pending:
            raise UsbError("config.unhealthy", "Not yet: %s." % (why_not or "restarting"))
        await self._on_flash(self._file.confirm)
        self._log.event("config.confirmed")
        return {}

    async def revert(self, _request):
        """Drop the settings that are staged or on trial; the badge restarts without them."""
        if not self._file.staged():
            raise UsbError("config.no_trial", "No settings are staged or on trial.")
        await self._go_back("asked")
        return {}

    async def run(self, feed):
        """Go back by itself when the settings on trial are bad or nobody confirms them."""
        while True:
            feed()
            if self._file.trial is not None and not self._restart.pending:
                why = trial.why_revert(
                    self._age_ms(),
                    self._crashes(),
                    self._file.link_expected,
                    self._link_is_up(),
                    self._alarms(),
                )
                if why:
                    await self._go_back(why)
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS))

    async def _go_back(self, why):
        self._log.event("config.reverting", why=why)
        try:
            await self._on_flash(lambda: self._file.revert(why))
        except UsbError:
            # Flash that fails: the trial was marked as tried, so the next start drops it anyway.
            pass
        # The settings may be what keeps an alarm from being delivered.
        self._restart.at_once("config")

    async def _on_flash(self, work):
        await self._gate.wait_open()
        self._gate.begin()
        try:
            work()
        except OSError as error:
            self._log.failure("config.failed", error)
            raise UsbError("config.flash", "The badge could not write its flash (%s)." % error)
        finally:
            self._gate.end()

    def _refuse_if_busy(self):
        if self._alarms():
            raise UsbError("alarm.open", "An alarm is open; try again when it is closed.")
        if self._restart.pending:
            raise UsbError("restart", "The badge is about to restart; try again when it has.")
        if self._file.staged():
            raise UsbError("config.trial", "Other settings are on trial; wait until that is over.")

    def _state(self):
        if self._file.trial is not None:
            return "running"
        return "staged" if self._file.staged() else "none"

    def _why_not_yet(self):
        return trial.why_not_yet(
            self._age_ms(), self._crashes(), self._file.link_expected, self._link_is_up()
        )

    def _left_ms(self):
        return max(0, trial.CONFIRM_WITHIN_MS - self._age_ms())

    def _age_ms(self):
        return ticks_diff(ticks_ms(), self._began_ms)
