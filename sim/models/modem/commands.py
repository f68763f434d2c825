"""The AT commands that the model of the SIM7080G knows: (name, mark) to its method."""


def split(text):
    """('+CEREG', '=', '4') of '+CEREG=4'."""
    text = text.strip()
    for i in range(len(text)):
        if text[i : i + 1] in (b"=", b"?"):
            return text[:i].upper(), text[i : i + 1], text[i + 1 :]
    return text.upper(), b"", b""


COMMANDS = {
    (b"", b""): "_cmd_ok",
    (b"E0", b""): "_cmd_echo_off",
    (b"E1", b""): "_cmd_echo_on",
    (b"+CMEE", b"="): "_cmd_set_cmee",
    (b"+CMEE", b"?"): "_cmd_get_cmee",
    (b"+CLTS", b"="): "_cmd_ok",
    (b"+CPSMS", b"="): "_cmd_set_cpsms",
    (b"+CEDRXS", b"="): "_cmd_ok",
    (b"+CNETLIGHT", b"="): "_cmd_ok",
    (b"+CFGRI", b"="): "_cmd_set_cfgri",
    (b"+CFGRI", b"?"): "_cmd_get_cfgri",
    (b"+CSCLK", b"="): "_cmd_set_csclk",
    (b"+CNMP", b"="): "_cmd_ok",
    (b"+CMNB", b"="): "_cmd_ok",
    (b"+CGDCONT", b"="): "_cmd_ok",
    (b"+CNCFG", b"="): "_cmd_ok",
    (b"+CEREG", b"="): "_cmd_set_cereg",
    (b"+CEREG", b"?"): "_cmd_get_cereg",
    (b"+CNACT", b"="): "_cmd_set_cnact",
    (b"+CNACT", b"?"): "_cmd_get_cnact",
    (b"+CPSI", b"?"): "_cmd_get_cpsi",
    (b"+CPIN", b"?"): "_cmd_get_cpin",
    (b"+CSQ", b""): "_cmd_get_csq",
    (b"+CCLK", b"?"): "_cmd_get_cclk",
    (b"+CPOWD", b"="): "_cmd_cpowd",
    (b"+CAOPEN", b"="): "_cmd_caopen",
    (b"+CASEND", b"="): "_cmd_casend",
    (b"+CARECV", b"="): "_cmd_carecv",
    (b"+CACLOSE", b"="): "_cmd_caclose",
}
