"""The wireless networks of the setting `wlan_networks`: a line each, `name=password`."""

from binascii import unhexlify

MOST = 4
# What a badge tells in place of them, and keeps them when it is told so.
KEPT = "*"
_NAME_BYTES = 32
_PASSWORD = (8, 63)


def parse(text):
    """[(name, password)] in the order given; ValueError with what to do.

    KEPT stands for none. An open network has nothing after the sign. Of a name or a password
    `%3D` is an equals sign, `%0A` a new line and `%25` a percent sign.
    """
    lines = [] if text == KEPT else text.split("\n")
    found = [_parse_line(line) for line in lines if line]
    if len(found) > MOST:
        raise ValueError("wlan_networks has %d networks; keep at most %d." % (len(found), MOST))
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise ValueError("wlan_networks has one network twice; remove one.")
    return found


def _parse_line(line):
    # No sentence repeats what may be a password.
    name, sign, password = line.partition("=")
    if not sign:
        raise ValueError("wlan_networks has a line without '='; write name=password.")
    name, password = _plain(name), _plain(password)
    if not 0 < len(name.encode()) <= _NAME_BYTES:
        raise ValueError("wlan_networks has a name that is not 1 to 32 bytes long; correct it.")
    least, most = _PASSWORD
    if password and not least <= len(password.encode()) <= most:
        raise ValueError(
            "wlan_networks has a password for %r that is not 8 to 63 bytes long; correct it."
            % name
        )
    return name, password


def _plain(text):
    parts = text.split("%")
    found = parts[0].encode()
    for part in parts[1:]:
        try:
            found += unhexlify(part[:2].encode())
        except ValueError:
            found = None
        if found is None or len(part) < 2:
            raise ValueError("wlan_networks has '%' without two digits after it; write %25.")
        found += part[2:].encode()
    try:
        return found.decode()
    except UnicodeError:
        raise ValueError("wlan_networks has '%' and digits that are no text; correct them.")
