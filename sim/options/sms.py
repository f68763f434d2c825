"""Options of text messages (sim/models/modem/sms.py): the card, its store, and the operator."""

from sim.options.option import NEEDED, Option

OPTIONS = (
    Option("error", "count", 0, "what AT+CMGS answers as +CMS ERROR; 0: the operator has SMS"),
    Option("refuse", "count", 0, "so many messages are refused first, with +CMS ERROR: 500"),
    Option("hang", "count", 0, "so many messages come first that AT+CMGS never answers"),
    Option("sends", "flag", True, "of those that hang: they go out all the same"),
    Option("send_ms", "ms", 2_000, "what it takes for AT+CMGS"),
    Option("ready_ms", "ms", 1_000, "from RDY to SMS Ready; before it commands are refused"),
    Option("delay_ms", "ms", 3_000, "from one end to the other"),
    Option("late_ms", "ms", 0, "by so much every second message comes later: out of order"),
    Option("again", "count", 0, "each message comes so many times more"),
    Option("lost", "count", 0, "so many messages are taken first and never come"),
    Option("receipts", "flag", True, "the receiver answers by SMS"),
    Option("places", "nth", 10, "what the store of the card holds"),
    Option("foreign", "count", 0, "messages of somebody else that lie in it at the start"),
    Option("indicates", "flag", True, "AT+CNMI=2,1 is known: a message that comes is told"),
    Option("iccid", "text", "8931080000000012345", "the number of the card"),
)

VERB_ARGUMENTS = (
    Option("text", "text", NEEDED, "what it says"),
    Option("sender", "text", "+31600000000", "the number that it is from"),
)
