"""The settings on flash: the set in force, twice, the set before it, and a set on trial.

config.json is for people and tools. What counts is config.safe, the same with a CRC: flash that
loses or changes a byte must not make another badge of this one.

A new set runs on trial for one start. Only `confirm` puts it in force; any other start than that
one drops it, whether a crash, the watchdog, a cut of power or `revert` brought that start about.
"""

import json
from binascii import crc32

from badge.core.settings.config import Config, ConfigError, defaults
from badge.core.settings.mend import mended
from badge.storage import files

_KEPT = "config.json"
_SAFE = "config.safe"
_OLD = "config.old"
_CRC_DIGITS = 8
_TRIAL = "config.trial"


class ConfigFile:
    """The settings below `directory`/. `load` once at the start; OSError is flash that fails."""

    def __init__(self, directory):
        self._directory = directory
        # The settings on trial, or None.
        self.trial = None
        # Whether the link was up when they were staged.
        self.link_expected = False
        # Why the last trial was dropped, or None.
        self.reverted = None
        # (what, error) of all that was wrong at the start.
        self.faults = []
        # Whether other settings may be in force than were confirmed, or a file was mended.
        self.is_damaged = False
        # Whether no settings were found that had been confirmed.
        self.is_missing = False
        self._is_confirming = False

    def load(self):
        """Return the Config to run with at this start; never raises, a badge must be armed."""
        try:
            trial = self._begin_trial()
        except OSError as error:
            # It cannot be marked as tried, so it could be tried for ever.
            self._fault("config.trial", error)
            self.reverted = "flash"
            trial = None
        if trial is not None:
            try:
                config = Config.from_dict(trial["settings"])
            except ConfigError as error:
                self._fault("config.trial", error)
                self.reverted = error.code
            else:
                self.trial = trial["settings"]
                self.link_expected = trial["link"]
                return config
        self._compare()
        kept = self._kept()
        self.is_missing = kept is None
        for settings in (kept, self._settings(_OLD)):
            if settings is not None:
                config, faults = Config.examine(settings)
                for fault in faults:
                    self._fault("config.refused", fault)
                # Newer firmware, which fell back to this one, may have had more settings.
                if all(fault.code == "config.unknown" for fault in faults):
                    return config
                # Older firmware had laxer rules: no reason to lose profile and check-ins.
                self.is_damaged = True
                if all(fault.code in ("config.unknown", "config.rule") for fault in faults):
                    return mended(settings)
            elif self.faults:
                # There was a file, and nothing in it that can be used.
                self.is_damaged = True
        return defaults()

    def settings(self):
        """The settings in force as they were written, without the defaults."""
        settings = self._kept()
        return {} if settings is None else settings

    def stage(self, settings, link_is_up):
        """Have the next start try these settings; ConfigError when they are not legal."""
        Config.from_dict(settings)
        self._write_trial(settings, 0, link_is_up, "")

    def confirm(self):
        """Put the settings on trial in force; those before them are kept as config.old."""
        settings = self.trial
        if settings is None:
            raise ConfigError("config.no_trial", "No settings are on trial; set some first.")
        kept = self._safe()
        if kept is None:
            kept = files.read(self._directory + _KEPT)
        if kept is not None:
            files.replace(self._directory + _OLD, kept)
        self._keep(json.dumps(settings).encode())
        files.remove(self._directory + _TRIAL)
        self.trial = None

    def revert(self, why):
        """Have the next start drop what is staged or on trial, and say why."""
        if self._trial() is not None:
            self._write_trial({}, 1, False, why)

    def staged(self):
        """True when settings wait for the next start, or are on trial in this one."""
        return self._trial() is not None

    def _begin_trial(self):
        """The trial that this start makes, marked as tried; else None, and an old one is gone."""
        trial = self._trial()
        if trial is None:
            files.remove(self._directory + _TRIAL)
            return None
        if trial["starts"] == 0:
            self._write_trial(trial["settings"], 1, trial["link"], "")
            return trial
        if trial["why"] or trial["settings"] != self._kept():
            self.reverted = trial["why"] or "restart"
        else:
            self._is_confirming = True
        # Otherwise the power went after `confirm` had put it in force.
        files.remove(self._directory + _TRIAL)
        return None

    def _keep(self, data):
        # The one that counts first: cut in between, the other is made like it at the next start.
        crc = b"%08x" % (crc32(data) & 0xFFFFFFFF)
        files.replace(self._directory + _SAFE, crc + data)
        files.replace(self._directory + _KEPT, data)

    def _compare(self):
        """Make the two copies one again; what was wrong is a fault, unless a cut explains it."""
        try:
            safe = self._safe()
            kept = files.read(self._directory + _KEPT)
            if safe is None:
                if kept is not None and self._settings(_KEPT) is not None:
                    self._keep(kept)
                elif files.read(self._directory + _SAFE) is not None:
                    self.is_damaged = True
                    why = "both copies of the settings are damaged or lost"
                    self._fault("config.refused", ConfigError("config.damaged", why))
            elif kept != safe:
                if not self._is_confirming:
                    self.is_damaged = True
                    why = "config.json was damaged or lost; its copy is in force"
                    self._fault("config.refused", ConfigError("config.damaged", why))
                self._keep(safe)
        except OSError as error:
            self._fault("config.refused", error)

    def _safe(self):
        """The bytes of config.safe, or None without a sound one."""
        data = files.read(self._directory + _SAFE)
        if data is None or len(data) < _CRC_DIGITS:
            return None
        crc, data = data[:_CRC_DIGITS], data[_CRC_DIGITS:]
        return data if crc == b"%08x" % (crc32(data) & 0xFFFFFFFF) else None

    def _kept(self):
        """The settings that were confirmed, or None."""
        try:
            safe = self._safe()
            settings = None if safe is None else json.loads(safe)
        except (OSError, ValueError) as error:
            self._fault("config.refused", error)
            settings = None
        return settings if isinstance(settings, dict) else self._settings(_KEPT)

    def _trial(self):
        trial = self._json(_TRIAL)
        if not isinstance(trial, dict):
            return None
        settings, starts = trial.get("settings"), trial.get("starts")
        link, why = trial.get("link"), trial.get("why")
        if not isinstance(settings, dict) or not isinstance(starts, int):
            return None
        if not isinstance(link, bool) or not isinstance(why, str):
            return None
        return trial

    def _write_trial(self, settings, starts, link, why):
        trial = {"settings": settings, "starts": starts, "link": link, "why": why}
        files.replace(self._directory + _TRIAL, json.dumps(trial).encode())

    def _settings(self, name):
        settings = self._json(name)
        if settings is not None and not isinstance(settings, dict):
            self._fault("config.refused", ConfigError("config.type", name + " is no table"))
            return None
        return settings

    def _json(self, name):
        try:
            data = files.read(self._directory + name)
            return None if data is None else json.loads(data)
        except (OSError, ValueError) as error:
            self._fault("config.refused", error)
            return None

    def _fault(self, what, error):
        # The same file is read more than once.
        if str(error) not in [str(known) for _, known in self.faults]:
            self.faults.append((what, error))
