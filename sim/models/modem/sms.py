"""Text messages of a SIM7080: AT commands, the card's store, and the operator behind them.

By 3GPP TS 27.005 and 23.040, text and PDU mode; the receiver in the simulator answers what it can
read. Not modelled: parts of a long message, classes, reports of delivery, a memory of the modem's
own, the fee. A message for the badge waits at the operator for as long as it takes.
"""

import binascii

from badge.core.codec import sms_text
from badge.core.codec.cbor import WireError
from sim.models.modem.registration import REGISTERED
from sim.options.option import filled
from sim.options.sms import OPTIONS

_NOT_ALLOWED, _NO_PLACE, _UNKNOWN = 302, 321, 500
# What anybody can write who knows the number: lines that look like the modem's own.
FOREIGN = (
    "Your bundle is nearly used up.\r\nOK\r\n+CEREG: 3\r\nNORMAL POWER DOWN\r\nRDY",
    "ERROR\r\n+CMS ERROR: 500",
    "N1 AAAAAAAA",
    "+CADATAIND: 0\r\n+CASTATE: 0,0\r\n+APP PDP: 0,DEACTIVE",
)
_CTRL_Z, _ESCAPE = 0x1A, 0x1B
_RETRY_US = 10_000_000
# What it takes to hear one.
_COMES_MS = 1_000


class ModemSms:
    """`say(line)` speaks on the UART; `network` has `stat` (registration.py).

    `receiver` is that of remote.py, or None; `radio(ms)` is told for how long one that goes or
    comes has the radio on; `reach(go)` is paging.py's; `prompt()` asks for what it says.
    """

    def __init__(self, world, options, say, network, *, receiver, radio, reach, prompt):
        self._world = world
        self._options = options = filled(OPTIONS, options, "The modem's 'sms'")
        self._say = say
        self._network = network
        self._receiver = receiver
        self._radio = radio
        self._reach = reach
        self._prompt = prompt
        self._count = self._reference = 0
        self.store = {}
        for i in range(min(options["foreign"], options["places"])):
            self.store[i + 1] = ("+31600000001", FOREIGN[i % len(FOREIGN)])
        self._number = None
        self.reset()

    def reset(self):
        """The modem starts: what it was told is forgotten, what is on the card is not."""
        self._pdu_mode = True
        self._tells = False
        self._ready_us = None
        self._charset = b"IRA"

    def booted(self):
        """RDY was said; when the card is read."""
        self._ready_us = self._world.now_us + int(self._options["ready_ms"] * 1000)
        return self._ready_us

    def is_ready(self):
        """Whether the card is."""
        return self._ready_us is not None and self._world.now_us >= self._ready_us

    def card(self):
        """The number of the card, as AT+CCID says it."""
        return self._options["iccid"].encode()

    def command(self, name, mark, rest):
        """What it answers: True for OK, a number for +CMS ERROR, None after a prompt."""
        if not self.is_ready():
            return _NOT_ALLOWED
        known = {
            (b"+CMGF", b"="): self._mode,
            (b"+CSCS", b"="): self._set_charset,
            (b"+CSMP", b"="): lambda _rest: True,
            (b"+CNMI", b"="): self._indicate,
            (b"+CPMS", b"="): self._memory,
            (b"+CMGL", b"="): self._list,
            (b"+CMGR", b"="): self._read,
            (b"+CMGD", b"="): self._delete,
            (b"+CMGS", b"="): self._begin,
        }.get((name, mark))
        return _UNKNOWN if known is None else known(rest)

    def typed(self, data, done):
        """(what still has the prompt, what is left of `data`): Ctrl-Z sends, escape does not.

        `done(result)` follows, unless the message is not at its end or hangs.
        """
        ends = [at for at in range(len(data)) if data[at] in (_CTRL_Z, _ESCAPE)]
        if not ends:
            return self, data
        end = ends[0]
        if data[end] == _ESCAPE:
            self._after(0, lambda: done(False))
        else:
            self._submit(data[:end].decode(), done)
        return None, data[end + 1 :]

    def _submit(self, text, done):
        options = self._options
        self._world.observe({"sms": "submitted", "to": self._number, "text": text})
        self._radio(options["send_ms"])
        number = self._number
        if self._network.stat not in REGISTERED:
            self._after(options["send_ms"], lambda: done(_UNKNOWN))
        elif options["error"]:
            self._after(options["send_ms"], lambda: done(options["error"]))
        elif options["refuse"] > 0:
            options["refuse"] -= 1
            self._after(options["send_ms"], lambda: done(_UNKNOWN))
        elif options["hang"] > 0:
            options["hang"] -= 1
            if options["sends"]:
                self._send(number, text)
        else:
            self._after(options["send_ms"], lambda: self._taken(number, text, done))

    def arrive(self, sender, text):
        """A message for this card comes, when the modem can be called."""
        self._reach(lambda: self._arrive(sender, text))

    def _arrive(self, sender, text):
        # One for which there is no room waits.
        places = [at for at in range(1, self._options["places"] + 1) if at not in self.store]
        if not places or not self.is_ready() or self._network.stat not in REGISTERED:
            if not places:
                self._world.observe({"sms": "store full"})
            self._world.after(_RETRY_US, lambda: self.arrive(sender, text))
            return
        self.store[places[0]] = (sender, text)
        self._radio(_COMES_MS)
        self._world.observe({"sms": "arrived", "from": sender, "text": text})
        if self._tells:
            self._say(b'+CMTI: "SM",%d' % places[0])

    def _mode(self, rest):
        if rest not in (b"0", b"1"):
            return _UNKNOWN
        self._pdu_mode = rest == b"0"
        return True

    def _set_charset(self, rest):
        self._charset = rest.strip(b'"')
        return True if self._charset in (b"IRA", b"GSM") else _UNKNOWN

    def _indicate(self, rest):
        if not self._options["indicates"]:
            return _UNKNOWN
        self._tells = rest[:3] == b"2,1"
        return True

    def _memory(self, rest):
        if rest.split(b",")[0] != b'"SM"':
            return _UNKNOWN
        self._say(
            b"+CPMS: " + b",".join([b"%d,%d" % (len(self.store), self._options["places"])] * 3)
        )
        return True

    def _list(self, rest):
        if rest != (b"4" if self._pdu_mode else b'"ALL"'):
            return _UNKNOWN
        for place in sorted(self.store):
            self._show(b"+CMGL: %d," % place, place)
        return True

    def _read(self, rest):
        place = int(rest)
        if place not in self.store:
            return _NO_PLACE
        self._show(b"+CMGR: ", place)
        return True

    def _show(self, head, place):
        sender, text = self.store[place]
        if self._pdu_mode:
            pdu = deliver_pdu(sender, text)
            self._say(head + b"0,,%d" % (len(pdu) - 1))
            self._say(binascii.hexlify(pdu).upper())
        else:
            self._say(head + b'"REC UNREAD","%s",,"27/01/15,12:00:00+04"' % sender.encode())
            self._say(text.encode())

    def _delete(self, rest):
        place = int(rest)
        if not 1 <= place <= self._options["places"]:
            return _NO_PLACE
        self.store.pop(place, None)
        return True

    def _begin(self, rest):
        if self._pdu_mode:
            return _UNKNOWN
        number = rest.strip(b'"')
        if number[:1] != b"+" or not number[1:].isdigit():
            return _NOT_ALLOWED
        self._number = number.decode()
        self._prompt()
        return None

    def _taken(self, number, text, done):
        self._reference = self._reference % 255 + 1
        self._say(b"+CMGS: %d" % self._reference)
        done(True)
        self._send(number, text)

    def _send(self, number, text):
        options = self._options
        self._world.observe({"sms": "sent", "to": number, "text": text})
        if options["lost"] > 0:
            options["lost"] -= 1
            return
        for _ in range(1 + options["again"]):
            self._carry(lambda: self._received(number, text))

    def _received(self, number, text):
        self._world.observe({"sms": "delivered", "to": number})
        if self._receiver is None:
            return
        try:
            frame = sms_text.decode(text)
        except WireError:
            # It is for a person.
            return
        self._receiver.text(frame, lambda status: self._answer(number, status))

    def _answer(self, number, status):
        if self._options["receipts"]:
            text = sms_text.encode(status)
            for _ in range(1 + self._options["again"]):
                self._carry(lambda: self.arrive(number, text))

    def _carry(self, arrived):
        self._count += 1
        late_ms = self._options["late_ms"] if self._count & 1 else 0
        self._world.after(int((self._options["delay_ms"] + late_ms) * 1000), arrived)

    def _after(self, ms, callback):
        self._world.after(int(ms * 1000), callback)


def deliver_pdu(sender, text):
    """The bytes of an SMS-DELIVER in the 7-bit alphabet, its characters as their numbers."""
    digits = sender.lstrip("+")
    swapped = digits + ("F" if len(digits) & 1 else "")
    number = bytes([int(swapped[i + 1] + swapped[i], 16) for i in range(0, len(swapped), 2)])
    codes = [ord(char) & 127 for char in text[:160]]
    packed = bytearray()
    held = bits = 0
    for code in codes:
        held |= code << bits
        bits += 7
        while bits >= 8:
            packed.append(held & 255)
            held >>= 8
            bits -= 8
    if bits:
        packed.append(held)
    head = b"\x07\x91\x13\x26\x00\x00\x00\xf0\x04" + bytes((len(digits), 0x91)) + number
    return head + b"\x00\x00" + b"\x72\x10\x51\x21\x00\x00\x40" + bytes((len(codes),)) + packed
