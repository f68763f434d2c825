"""A satellite receiver that speaks NMEA 0183 by itself, once a second, at the speed of its line.

Harsh: it has forgotten all without its supply, says a place before it has one (marked as none, as
the standard has it), and its first fixes are of last week. Its sentences come among those of
others and may be spoilt, torn or lie about their checksum. Not modelled: satellites one by one,
commands to it, degrees between open sky and none.
"""

import utime

from sim.models.modem.network_time import utc_s
from sim.options.gnss_serial import OPTIONS
from sim.options.option import filled

_SECOND_US = 1_000_000
# From the supply to its first words.
_WAKES_US = 700_000
_WEEK_S = 7 * 86_400
_WRONG_E7 = 13_500_000
# Shares of cold_ms that the starts take, one after the other.
_STARTS = (100, 70, 180, 85, 130)
_BURST = 64
_FLOOD_BYTES = 4_096
_MILLION = 1_000_000


class GnssSerialModel:
    """`given`: options of sim/options/gnss_serial.py; `power(level)` its supply, 1 is on."""

    def __init__(self, world, given):
        self._world = world
        self._options = filled(OPTIONS, given, "The satellite receiver on a serial line")
        self._x = self._options["seed"] or 1
        self._uart = None
        self._is_on = False
        self._start = self._starts = self._fixes = 0
        self._began_us = 0
        self._account()

    def connect(self, uart):
        """The chip opened its serial port."""
        self._uart = uart
        return self

    def on_bytes(self, data):
        """Nobody reads what the badge says."""

    def control(self, what):
        """Do what the verb says."""
        if what in ("plug", "unplug"):
            self._options["unplugged"] = what == "unplug"
        elif what == "flood":
            self._options["floods"] = True
        else:
            self._options["sky"] = what
            self._began_us = self._world.now_us

    def power(self, on):
        """Its supply comes or goes."""
        if on == self._is_on:
            return
        self._is_on = on
        self._start += 1
        self._starts += on
        self._fixes = 0
        self._began_us = self._world.now_us
        self._account()
        self._world.observe({"gnss": "on" if on else "off"})
        if on:
            self._after(_WAKES_US, self._speak)

    def _account(self):
        if self._world.ledger is not None:
            self._world.ledger.set("gnss_serial", "on" if self._is_on else "off")

    def _after(self, us, what):
        start = self._start
        self._world.after(us, lambda: self._start == start and what())

    def _speak(self):
        self._after(_SECOND_US, self._speak)
        if self._options["floods"]:
            self._send(bytes([self._below(256) for _ in range(_FLOOD_BYTES)]))
            return
        said = b"".join([self._spoiled(sentence) for sentence in self._sentences()])
        self._send(said)

    def _send(self, data):
        # Each burst is there when its last bit is; a line that was torn off meanwhile brings none.
        if self._uart is None:
            return
        byte_us = _SECOND_US * 10 // self._uart.baudrate
        for i in range(0, len(data), _BURST):
            burst = data[i : i + _BURST]
            self._after((i + len(burst)) * byte_us, lambda burst=burst: self._deliver(burst))

    def _deliver(self, burst):
        if not self._options["unplugged"]:
            self._uart.deliver(burst)

    def _spoiled(self, sentence):
        options = self._options
        if self._is_hit(options["false"]):
            sentence = sentence[:-4] + b"%02X\r\n" % self._below(256)
        if self._is_hit(options["torn"]):
            sentence = sentence[: self._below(len(sentence))]
        if options["noise"]:
            sentence = bytes(
                [self._below(256) if self._is_hit(options["noise"]) else one for one in sentence]
            )
        return sentence

    def _is_hit(self, share):
        return share > 0 and self._below(_MILLION) < share * _MILLION

    def _below(self, n):
        # xorshift32.
        x = self._x
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._x = x
        return (x * n) >> 32

    def _sentences(self):
        """RMC first and GGA after others, as u-blox has them."""
        talker = self._options["talker"].encode()
        now_s = utc_s(self._world)
        fixed = self._has_fix()
        lat_e7, lon_e7, tenths = self._options["lat_e7"], self._options["lon_e7"], 999
        if fixed:
            self._fixes += 1
            tenths = self._options["hdop_tenths"]
        old = self._options["old"]
        if not fixed or self._fixes <= old:
            lat_e7 += _WRONG_E7
            now_s -= _WEEK_S if fixed else 0
        elif self._fixes == old + 1:
            tenths *= 5
        is_told = fixed or self._options["lies"]
        place = _place(lat_e7, lon_e7) if is_told else b",,,"
        year, month, day, hour, minute, second = utime.gmtime(now_s)[:6]
        time = b"%02d%02d%02d.00" % (hour, minute, second)
        # A knot is 1.852 km/h.
        knots = self._options["kmh"] * 1_000_000 // 1852
        speed = b"%d.%03d" % (knots // 1000, knots % 1000)
        date = b"%02d%02d%02d" % (day, month, year % 100)
        status, mode, quality, used = (b"A", b"A", 1, 11) if fixed else (b"V", b"N", 0, 3)
        rmc = b"RMC,%s,%s,%s,%s,,%s,,,%s" % (time, status, place, speed, date, mode)
        hdop = b"%d.%d" % (tenths // 10, tenths % 10)
        gga = b"GGA,%s,%s,%d,%02d,%s,3.1,M,46.0,M,," % (time, place, quality, used, hdop)
        vtg = b"VTG,,T,,M,%s,N,%d.0,K" % (speed, self._options["kmh"])
        yield _framed(talker + rmc)
        yield _framed(talker + vtg)
        yield _framed(talker + gga)
        yield _framed(b"GLGSV,1,1,02,70,41,060,31,79,24,302,")
        yield _framed(b"GNTXT,01,01,02,ANTSTATUS=OK")
        yield _framed(b"PMTK010,001")

    def _has_fix(self):
        share = _STARTS[(self._starts - 1) % len(_STARTS)]
        takes_us = int(self._options["cold_ms"] * 10) * share
        is_long = self._world.now_us - self._began_us >= takes_us
        return is_long and self._options["sky"] == "open"


def _framed(body):
    check = 0
    for byte in body:
        check ^= byte
    return b"$%s*%02X\r\n" % (body, check)


def _place(lat_e7, lon_e7):
    lat, lon = _minutes(lat_e7, 2), _minutes(lon_e7, 3)
    return b"%s,%s,%s,%s" % (lat, b"S" if lat_e7 < 0 else b"N", lon, b"W" if lon_e7 < 0 else b"E")


def _minutes(value_e7, digits):
    """Degrees and minutes with five decimals, rounded."""
    whole, rest_e7 = divmod(abs(value_e7), 10_000_000)
    minutes_e5 = (rest_e7 * 60 + 50) // 100
    text = "%0*d%02d.%05d" % (digits, whole, minutes_e5 // 100_000, minutes_e5 % 100_000)
    return text.encode()
