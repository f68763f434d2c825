"""Stand-in for `network` as on the ESP32-S3 port: one station, no access point of its own."""

from sim.models import wlan
from sim.world import current

# As the port says it.
_NONE = "0.0.0" + ".0"

STA_IF = 0
STAT_IDLE = wlan.IDLE
STAT_CONNECTING = wlan.CONNECTING
STAT_GOT_IP = wlan.GOT_IP


class WLAN:
    """The station; its model is of the board."""

    IF_STA = STA_IF

    def __init__(self, interface=STA_IF):
        if interface != STA_IF:
            raise NotImplementedError("the model has a station only")
        self._model = current.board.wlan
        if self._model is None:
            raise OSError("WiFi Out of Memory")

    def active(self, on=None):
        if on is None:
            return self._model.is_on
        self._model.switch(bool(on))
        return bool(on)

    def connect(self, ssid=None, key=None, *, bssid=None):
        self._model.join(ssid, key)

    def disconnect(self):
        self._model.leave()

    def isconnected(self):
        return self._model.is_joined

    def status(self, what=None):
        if what is None:
            return self._model.status()
        if what != "rssi":
            raise ValueError("unknown status param")
        return self._model.rssi_dbm()

    def ifconfig(self):
        if not self._model.is_joined:
            return (_NONE, _NONE, _NONE, _NONE)
        return (wlan.ADDRESS, "255.255.255.0", wlan.NAME_SERVER, wlan.NAME_SERVER)

    def config(self, *names, **values):
        if names or list(values) != ["reconnects"] or values["reconnects"] != 0:
            raise NotImplementedError("the model never connects again by itself")

    def scan(self):
        raise NotImplementedError("a scan holds the VM for seconds")
