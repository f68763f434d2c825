"""How seldom the network calls an idle modem: eDRX in LTE-M (3GPP TS 24.008, 10.5.5.32)."""

# In the order of the four bits that name them.
CYCLES_MS = (5_120, 10_240, 20_480, 40_960, 61_440, 81_920, 102_400, 122_880)
CYCLES_MS += (143_360, 163_840, 327_680, 655_360, 1_310_720, 2_621_440, 5_242_880, 10_485_760)


def bits_of(cycle_s):
    """The bits of a cycle in whole seconds, cut off, as text; ValueError where there is none."""
    return "{:04b}".format([ms // 1000 for ms in CYCLES_MS].index(cycle_s))


def cycle_ms(bits):
    """The cycle that text names; None where that is not four bits."""
    if len(bits) != 4 or bits.strip("01"):
        return None
    return CYCLES_MS[int(bits, 2)]
