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
    (b"+CNETLIGHT", b"="): "_cmd_ok",
    (b"+CFGRI", b"="): "_cmd_set_cfgri",
    (b"+CFGRI", b"?"): "_cmd_get_cfgri",
    (b"+CFUN", b"="): "_cmd_set_cfun",
    (b"+CSCLK", b"="): "_cmd_set_csclk",
    (b"+CNMP", b"="): "_cmd_ok",
    (b"+CMNB", b"="): "_cmd_ok",
    (b"+CGDCONT", b"="): "_cmd_ok",
    (b"+CNCFG", b"="): "_cmd_ok",
    (b"+CEREG", b"="): "_cmd_set_cereg",
    (b"+CEREG", b"?"): "_cmd_get_cereg",
    (b"+CNACT", b"="): "_cmd_set_cnact",
    (b"+CNACT", b"?"): "_cmd_get_cnact",
    (b"+CPOWD", b"="): "_cmd_cpowd",
    (b"+CAOPEN", b"="): "_cmd_caopen",
    (b"+CASEND", b"="): "_cmd_casend",
    (b"+CARECV", b"="): "_cmd_carecv",
    (b"+CACLOSE", b"="): "_cmd_caclose",
}

# What is answered in one line: (name, mark) to the method of answers.py.
ASKED = {
    (b"+CPSI", b"?"): "cpsi",
    (b"+CPIN", b"?"): "cpin",
    (b"+CCID", b""): "ccid",
    (b"+CSQ", b""): "csq",
    (b"+CFUN", b"?"): "cfun",
    (b"+CEER", b""): "ceer",
    (b"+CPSMRDP", b""): "cpsmrdp",
    (b"+CCLK", b"?"): "cclk",
}
# paging.py has them.
EDRX_COMMANDS = (b"+CEDRXS", b"+CEDRXRDP")
# Of text messages: sms.py has them.
SMS_COMMANDS = (
    b"+CMGF",
    b"+CSCS",
    b"+CSMP",
    b"+CNMI",
    b"+CPMS",
    b"+CMGL",
    b"+CMGR",
    b"+CMGD",
    b"+CMGS",
)
