"""Options of the modem (sim/models/modem/sim7080.py) and of what its verb `modem` does."""

from sim.options import gnss, sms
from sim.options.option import NEEDED, Option
from sim.options.verb import verb

OPTIONS = (
    Option("rtt_ms", "ms", 120, "round trip to the server"),
    Option("loss", "share", 0, "of the segments that get lost and are sent again"),
    Option("seed", "count", 1, "which segments those are"),
    Option("no_coverage_ms", "spans_ms", (), "spans of world time without coverage"),
    Option("rrc_ms", "ms", 0, "what the first segment after 10 s of silence waits for the radio"),
    Option("nat_ms", "ms", 0, "so long a silent connection is kept by the network; 0: for ever"),
    Option(
        "denied_ms", "spans_ms", (), "spans in which the network denies registration (+CEREG: 3)"
    ),
    Option(
        "reject_cause",
        "count",
        0,
        "the EMM cause of a denial, told in +CEREG; 0: none, as the manual has it",
    ),
    Option("ceer", "text", None, "what AT+CEER answers; else it is not known, as in the manual"),
    Option("powered", "flag", False, "it is on when the badge starts"),
    Option("boot_ms", "ms", 2500, "from the power key to RDY"),
    Option("register_ms", "ms", 3000, "from RDY to registration"),
    Option("registration", (1, 3, 5), 1, "1 home, 5 roaming, 3 denied for good"),
    Option("command_ms", "ms", 5, "what it takes for a command"),
    Option(
        "gives_up_ms",
        "ms",
        10_000,
        "for so long it waits for a server that does not answer, and takes no command",
    ),
    Option("time_utc", "text", None, "what AT+CCLK answers; else the world's time"),
    Option("wrong_time_ms", "spans_ms", (), "spans in which AT+CCLK answers another time"),
    Option("wrong_by_s", "integer", 0, "by so much it is ahead then, or behind"),
    Option("sim", "text", "READY", "what +CPIN says, such as SIM PIN; empty: no card"),
    Option("observe_bytes", "flag", False, "the length of each segment is observed"),
    Option("ri_lead_ms", "ms", 0, "by which RI leads an unsolicited line"),
    Option("rings", "flag", True, "AT+CFGRI is known"),
    Option(
        "psm", "flag", False, "it remembers AT+CPSMS=1: without a packet it switches itself off"
    ),
    Option("edrx", "text", "", "it remembers AT+CEDRXS: the four bits of the cycle it asks for"),
    Option(
        "edrx_granted",
        "text",
        "asked",
        "what the network provides, and +CEDRXRDP says: asked, none, or four bits in any case",
    ),
    Option(
        "edrx_answer",
        ("ok", "error", "silence"),
        "ok",
        "of AT+CEDRXS=1; silence: it takes no command until its power is cut",
    ),
    Option("psm_granted_s", "count", 0, "the same of +CPSMRDP: the active time of PSM"),
    Option("hollow_bearers", "count", 0, "the first so many bearers are up without an address"),
    Option("dead_bearers", "count", 0, "the first so many have an address and carry nothing"),
    Option("dead_radio", "flag", False, "none carries anything until the radio was switched off"),
    Option("unasked", "flag", False, "says the lines of UNASKED with each registration"),
    Option("sms", "table", {}, "text messages: the card and the operator"),
    Option("gnss", "table", {}, "the satellite receiver: where the badge is, what it sees"),
    Option("remote", "table", None, "the server inside the simulator; else real TCP, live only"),
)

# Lines that a SIM7080 says by itself (AT manual V1.05: CLTS, CPSMSTATUS, CNACT).
UNASKED = (
    "DST: 1",
    '*PSUTTZ: 27/01/15,12:00:00","+04",0',
    '+CTZV: "+04",0',
    "SMS Ready",
    '+CPSMSTATUS: "ENTER PSM"',
    "+APP PDP: 1,DEACTIVE",
)

VERBS = (
    verb("noise", (Option("hex", "hex", NEEDED, "the bytes"),), "bytes on its serial line"),
    verb("line", (Option("text", "text", NEEDED, "the line"),), "says a line"),
    verb("unasked", (), "says the lines that nobody asked for, one after the other"),
    verb(
        "lose",
        (
            Option("byte", "nth", NEEDED, "the first, from now"),
            Option("count", "nth", NEEDED, "how many"),
        ),
        "bytes of what it says get lost",
    ),
    verb(
        "spoil",
        (
            Option("byte", "nth", NEEDED, "the first, from now"),
            Option("count", "nth", NEEDED, "how many"),
        ),
        "bytes of what it says become 0xFF",
    ),
    verb("power_loss", (), "a brownout of the modem"),
    verb("sky", gnss.SKY_ARGUMENTS, "what the satellite receiver sees changes"),
    verb("place", gnss.PLACE_ARGUMENTS, "the badge is somewhere else"),
    verb("cell", gnss.CELL_ARGUMENTS, "another cell serves it"),
    verb("hang_up", (), "the network ends every connection"),
    verb("card_out", (), "its card is taken out, for good"),
    verb("hang", (), "it takes no command until its power is cut"),
    verb("text", sms.VERB_ARGUMENTS, "a text message comes for the badge"),
    verb(
        "deny",
        (
            Option("for_ms", "ms", NEEDED, "how long"),
            Option("cause", "count", 0, "the EMM cause that is told; 0: none"),
        ),
        "the network denies registration (+CEREG: 3), ends what was open, and then takes it again",
        "for_ms",
    ),
)
