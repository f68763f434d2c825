"""Puts together what tells of alarms by text message."""

from badge.drivers.modem.sms import Sms
from badge.storage.sms_file import SmsFile
from badge.tasks.sms_task import Numbers, SmsTask


def build(base, alarms, modem, link):
    """The SmsTask."""
    common, who = base.common, alarms.who
    config = common.config
    say = None
    if config.sms_plain_to:
        # Most tell the receiver alone.
        from badge.core.alarm.sms_words import said_of, words  # noqa: PLC0415

        name = config.sms_plain_name or who.badge

        def say(alarm, now_ms):
            offset_min = common.clock.offset_min
            if offset_min is None:
                offset_min = config.utc_offset_min
            position = alarms.keeper.where.told(now_ms)[0]
            said = said_of(name, alarm, now_ms, offset_min, position)
            return words(config.sms_plain_language, said)

    return SmsTask(
        common,
        lambda news: Sms(modem.at, news),
        modem,
        who,
        alarms.keeper,
        outbox=alarms.outbox,
        link=link,
        card_file=SmsFile(base.directory + "sms"),
        numbers=Numbers(config.sms_to, 1000 * config.sms_after_s, config.sms_plain_to, say),
    )
