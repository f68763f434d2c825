"""The open alarms together: who gets a place, what belongs together, what a reset brings back."""

import pytest

from badge.core.alarm import kinds, life
from badge.core.alarm.book import MAX_OPEN, SOS_RESERVE, AlarmBook, worth_keeping
from badge.core.alarm.life import Refused
from badge.core.alarm.message import flags_of
from badge.core.alarm.record import DURESS, TEST, unpack
from badge.core.codec import wire
from badge.core.codec.journal import OVERHEAD, REC_ALARM, Record
from badge.core.codec.wire import Status

AUTOMATIC = MAX_OPEN - SOS_RESERVE


def record(alarm, now_ms):
    return Record(REC_ALARM, alarm.boot, alarm.seq, alarm.pack(now_ms))


def after_reset(book, boot=2):
    new = AlarmBook(boot)
    resumed = new.resume([record(alarm, 0) for alarm in book.alarms], 0)
    return new, resumed


def raise_fall(book, now_ms=0, *, then=()):
    alarm, _ = book.condition(kinds.MAN_DOWN, now_ms)
    for event in (life.EV_PRE_ALARM_OVER, *then):
        book.handle(alarm, event, now_ms)
    return alarm


def withdraw(book, event):
    alarm, _ = book.condition(kinds.RIP, 0)
    book.handle(alarm, event, 0)
    return alarm


def status(alarm, state, rev=None, number=None):
    return Status("b", alarm.boot, alarm.seq, state, 5, rev, number, None, None, None)


def test_a_reset_in_a_pre_alarm_raises_the_alarm():
    book = AlarmBook(1)
    book.condition(kinds.MAN_DOWN, 0, peak_mg=4100, tilt_deg=80)
    _, [(resumed, actions)] = after_reset(book)
    assert (resumed.boot, resumed.seq, resumed.state) == (1, 1, life.RAISED)
    assert (resumed.peak_mg, resumed.tilt_deg) == (4100, 80)
    assert actions.index(life.STORE) < actions.index(life.SEND)


def test_a_squeeze_in_a_pre_alarm_turns_it_into_the_sos():
    book = AlarmBook(1)
    alarm, _ = book.condition(kinds.MAN_DOWN, 0, peak_mg=3000)
    squeezed, actions = book.squeeze(10)
    assert squeezed is alarm
    assert (alarm.kind, alarm.state, alarm.peak_mg) == (kinds.SOS, life.RAISED, 3000)
    assert life.STOP_PRE_ALARM in actions


def test_a_squeeze_takes_the_pre_alarm_of_the_body_then_the_amber_then_the_check_in():
    book = AlarmBook(1)
    check_in, _ = book.deadline(kinds.CHECK_IN, 60, 0, grace_s=30)
    book.handle(check_in, life.EV_CONDITION, 60_000)
    amber, _ = book.deadline(kinds.AMBER, 300, 60_000)
    fall, _ = book.condition(kinds.MAN_DOWN, 60_000)
    assert [book.squeeze(now_ms)[0] for now_ms in (61_000, 62_000, 63_000)] == [
        fall,
        amber,
        check_in,
    ]
    assert book.squeeze(64_000)[0] not in (fall, amber, check_in)


def test_a_check_in_that_is_not_yet_due_is_left_alone_by_a_squeeze():
    book = AlarmBook(1)
    check_in, _ = book.deadline(kinds.CHECK_IN, 60, 0)
    sos, _ = book.squeeze(10)
    assert (check_in.state, sos.state) == (life.WAITING, life.RAISED)


def test_a_squeeze_lets_the_oldest_delivered_alarm_go():
    book = AlarmBook(1)
    for now_ms in range(MAX_OPEN):
        alarm, _ = book.squeeze(now_ms)
        if alarm.seq in (3, 5):
            book.handle(alarm, life.EV_RECEIPT, now_ms)
    book.squeeze(100)
    assert [alarm.seq for alarm in book.alarms] == [1, 2, 4, 5, 6, 7, 8, 9]
    assert [(alarm.seq, alarm.state) for alarm in book.let_go] == [(3, life.CLOSED)]


def test_a_squeeze_is_never_refused_and_no_undelivered_alarm_is_let_go():
    book = AlarmBook(1)
    for now_ms in range(20):
        alarm, actions = book.squeeze(now_ms)
        assert alarm.state == life.RAISED
        assert {life.FEEL_RAISED, life.SEND} <= set(actions)
    assert [alarm.seq for alarm in book.alarms] == list(range(1, MAX_OPEN + 1))


def test_automatic_alarms_leave_room_for_squeezes():
    book = AlarmBook(1)
    for nth in range(AUTOMATIC):
        raise_fall(book, nth)
    with pytest.raises(Refused, match="wait for delivery"):
        book.condition(kinds.MAN_DOWN, 100)
    with pytest.raises(Refused):
        book.deadline(kinds.AMBER, 300, 0)
    new = {book.squeeze(now_ms)[0].seq for now_ms in range(SOS_RESERVE)}
    assert len(new) == SOS_RESERVE
    assert len(book.alarms) == MAX_OPEN


def test_the_places_go_by_what_would_be_lost():
    book = AlarmBook(1)
    forced = withdraw(book, life.EV_DURESS)
    low, _ = book.report(kinds.BATTERY, 0, battery_percent=3)
    cancelled = withdraw(book, life.EV_CANCEL)
    asked = raise_fall(book, then=(life.EV_TAKEN, life.EV_FALSE_ALARM))
    delivered, _ = book.squeeze(0)
    book.handle(delivered, life.EV_RECEIPT, 0)
    test, _ = book.report(kinds.SOS, 0, mark=TEST)
    book.alarms.extend(AlarmBook(9).squeeze(0)[0] for _ in range(MAX_OPEN - len(book.alarms)))
    for _ in range(6):
        book.squeeze(1)
    assert book.let_go == [test, delivered, asked, cancelled, low]
    assert forced in book.alarms


def test_cancelled_pre_alarms_that_wait_for_a_network_do_not_keep_a_fall_out():
    book = AlarmBook(1)
    for _ in range(20):
        withdraw(book, life.EV_CANCEL)
    assert len(book.alarms) == AUTOMATIC
    raise_fall(book)


def test_a_test_does_not_keep_anything_out():
    book = AlarmBook(1)
    for nth in range(AUTOMATIC - 1):
        raise_fall(book, nth)
    test, _ = book.report(kinds.SOS, 0, mark=TEST)
    raise_fall(book, 100)
    assert test not in book.alarms


BODY = (kinds.MAN_DOWN, kinds.REST, kinds.TILT)


def test_fall_rest_and_tilt_have_one_pre_alarm():
    book = AlarmBook(1)
    book.condition(kinds.MAN_DOWN, 0)
    for kind in BODY:
        with pytest.raises(Refused, match="same event"):
            book.condition(kind, 10_000)
    assert book.condition(kinds.RIP, 10_000)


def test_who_still_lies_there_after_a_reset_is_no_second_alarm():
    book = AlarmBook(1)
    raise_fall(book)
    book, _ = after_reset(book)
    for kind in BODY:
        with pytest.raises(Refused, match="same event"):
            book.condition(kind, 599_000)
    assert book.condition(kinds.TILT, 600_000)


@pytest.mark.parametrize("then", [(life.EV_TAKEN,), (life.EV_FALSE_ALARM,)])
def test_after_a_reset_a_fall_is_an_alarm_if_the_one_before_is_looked_at_or_called_false(then):
    book = AlarmBook(1)
    raise_fall(book, then=then)
    book, _ = after_reset(book)
    assert raise_fall(book, 60_000).boot == 2


def test_a_second_condition_in_a_pre_alarm_is_refused_but_a_check_in_does_not_hide_a_fall():
    book = AlarmBook(1)
    check_in, _ = book.deadline(kinds.CHECK_IN, 60, 0, grace_s=30)
    book.handle(check_in, life.EV_CONDITION, 60_000)
    alarm, _ = book.condition(kinds.MAN_DOWN, 60_000)
    with pytest.raises(Refused):
        book.condition(kinds.MAN_DOWN, 60_005)
    book.handle(alarm, life.EV_CLEAR, 60_010)
    assert book.alarms == [check_in]
    assert book.condition(kinds.MAN_DOWN, 60_020)[0].seq == 3


@pytest.mark.requirement("R05")
def test_a_flight_is_raised_at_once_in_the_places_of_automatic_alarms():
    book = AlarmBook(1)
    flight, actions = book.condition(kinds.FLIGHT, 0)
    assert flight.state == life.RAISED
    assert actions.index(life.STORE) < actions.index(life.SEND)
    assert not {life.START_PRE_ALARM, life.FEEL_PRE_ALARM}.intersection(actions)
    for nth in range(AUTOMATIC - 1):
        raise_fall(book, nth)
    with pytest.raises(Refused, match="already wait for delivery"):
        book.condition(kinds.FLIGHT, 60_000)
    assert book.squeeze(60_001)[0].kind == kinds.SOS


def test_a_flight_hides_no_fall_and_a_squeeze_on_the_run_is_an_alarm_of_its_own():
    book = AlarmBook(1)
    flight, _ = book.condition(kinds.FLIGHT, 0)
    fall = raise_fall(book, 10)
    sos, _ = book.squeeze(20)
    assert book.alarms == [flight, fall, sos]


def test_the_flight_that_a_reset_interrupts_is_no_second_alarm():
    book = AlarmBook(1)
    book.condition(kinds.FLIGHT, 0)
    book, [(resumed, actions)] = after_reset(book)
    assert (resumed.kind, resumed.state) == (kinds.FLIGHT, life.RAISED)
    assert life.SEND in actions
    with pytest.raises(Refused, match="same event"):
        book.condition(kinds.FLIGHT, 60_000)


def test_one_deadline_of_a_kind_runs_at_a_time():
    book = AlarmBook(1)
    amber, _ = book.deadline(kinds.AMBER, 300, 0)
    book.deadline(kinds.CHECK_IN, 300, 0)
    with pytest.raises(Refused, match="extend it"):
        book.deadline(kinds.AMBER, 300, 0)
    book.handle(amber, life.EV_END, 10)
    assert book.deadline(kinds.AMBER, 300, 20)


def test_an_extended_deadline_is_news_and_counts_anew():
    book = AlarmBook(1)
    amber, _ = book.deadline(kinds.AMBER, 300, 0)
    book.handle(amber, life.EV_RECEIPT, 100)
    assert life.NEWS in book.extend(amber, 600, 200_000)
    assert (amber.rev, amber.told_due_s(200_000)) == (2, 600)
    assert amber.is_due_for_sending()


def test_a_deadline_extended_under_duress_is_the_same_but_for_one_bit_that_stays():
    plain, forced = AlarmBook(1), AlarmBook(1)
    alarms = [book.deadline(kinds.CHECK_IN, 60, 0, grace_s=30)[0] for book in (plain, forced)]
    for book, alarm in zip((plain, forced), alarms, strict=True):
        book.handle(alarm, life.EV_CONDITION, 60_000)
    assert plain.extend(alarms[0], 60, 70_000) == forced.extend(alarms[1], 60, 70_000, True)
    one, other = alarms
    assert (one.state, one.rev, one.due_ms) == (other.state, other.rev, other.due_ms)
    assert not one.has(DURESS)
    assert unpack(1, 1, other.pack(80_000), 0).has(DURESS)
    forced.extend(other, 60, 100_000)
    assert flags_of(other) & wire.FLAG_DURESS


def test_statuses_move_the_alarm_they_name_and_no_other():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    assert book.on_status(Status("b", 3, 1, 1, 5, None, None, None, None, None), 0) == (None, ())
    assert alarm.state == life.RAISED
    for state, after in enumerate(
        (life.RECEIVED, life.TAKEN, life.HELP_COMING, life.CLOSED), start=1
    ):
        found, actions = book.on_status(status(alarm, state), 0)
        assert found is alarm
        assert life.STORE in actions
        assert alarm.state == after
    assert book.alarms == []


@pytest.mark.parametrize("state", [1, 2, 3, 4])
def test_what_the_receiver_says_of_an_amber_does_not_stop_the_sos_it_has_become(state):
    book = AlarmBook(1)
    amber, _ = book.deadline(kinds.AMBER, 300, 0)
    book.squeeze(1000)
    for rev in (None, 1):
        assert book.on_status(status(amber, state, rev), 1100) == (amber, ())
        assert (amber.state, amber.is_due_for_sending()) == (life.RAISED, True)
    book.on_status(status(amber, 1, 2), 1200)
    assert (amber.state, amber.is_due_for_sending()) == (life.RECEIVED, False)


@pytest.mark.requirement("R09")
def test_a_false_alarm_is_sent_until_the_centre_has_it_and_closed_only_there():
    book = AlarmBook(1)
    alarm = raise_fall(book, then=(life.EV_HELP_COMING, life.EV_FALSE_ALARM))
    assert (alarm.state, alarm.is_due_for_sending()) == (life.HELP_COMING, True)
    book.on_status(status(alarm, 4, 1), 10)
    assert alarm.is_open()
    book.on_status(status(alarm, 3, 2), 20)
    assert (alarm.is_open(), alarm.is_due_for_sending()) == (True, False)
    book.on_status(status(alarm, 4, 2), 30)
    assert book.alarms == []


def test_a_status_for_a_pre_alarm_that_nobody_was_told_of_is_refused():
    book = AlarmBook(1)
    alarm, _ = book.condition(kinds.MAN_DOWN, 0)
    with pytest.raises(Refused):
        book.on_status(status(alarm, 4, 1), 10)
    assert alarm.state == life.PRE_ALARM


def test_the_context_of_a_gesture_is_the_most_pressing_one():
    book = AlarmBook(1)
    assert book.context() == "QUIET"
    amber, _ = book.deadline(kinds.AMBER, 300, 0)
    assert book.context() == "AMBER_RUNNING"
    sos = raise_fall(book)
    assert book.context() == "ALARM_OPEN"
    check_in, _ = book.deadline(kinds.CHECK_IN, 60, 0, grace_s=30)
    book.handle(check_in, life.EV_CONDITION, 60_000)
    assert book.context() == "CHECK_IN_DUE"
    rip, _ = book.condition(kinds.RIP, 60_000)
    assert book.context() == "PRE_ALARM"
    book.handle(rip, life.EV_CANCEL, 60_001)
    book.handle(check_in, life.EV_END, 60_001)
    book.handle(sos, life.EV_FALSE_ALARM, 60_002)
    assert book.context() == "AMBER_RUNNING"
    book.handle(amber, life.EV_END, 60_003)
    assert book.context() == "ALARM_OPEN"


def test_more_alarms_than_places_come_back_from_a_journal_as_the_weightiest():
    records = []
    for boot in (1, 2):
        book = AlarmBook(boot)
        for nth in range(AUTOMATIC - 1):
            raise_fall(book, nth, then=(life.EV_RECEIPT,) if boot == 1 else ())
        withdraw(book, life.EV_CANCEL)
        records += [record(alarm, 0) for alarm in book.alarms]
    book = AlarmBook(3)
    book.resume(worth_keeping(records), 0)
    assert len(book.alarms) == MAX_OPEN
    undelivered = [a for a in book.alarms if a.state == life.RAISED]
    assert len(undelivered) == AUTOMATIC - 1
    assert {alarm.boot for alarm in book.let_go} == {1}


def test_a_journal_full_of_delivered_alarms_hides_none_that_still_has_to_be_told():
    book = AlarmBook(1)
    records = [record(raise_fall(book), 0)]
    for boot in range(2, MAX_OPEN + 4):
        book = AlarmBook(boot)
        records.append(record(raise_fall(book, then=(life.EV_RECEIPT,)), 0))
    kept = [one.boot for one in worth_keeping(records)]
    assert kept == [1, *range(4, MAX_OPEN + 4)]


def test_what_a_journal_has_to_keep_fills_less_than_half_of_it():
    alarm, _ = AlarmBook(1).squeeze(0)
    most = 2 * MAX_OPEN * (OVERHEAD + len(alarm.pack(0)))
    # storage/journal_file.py: segments of one flash block, which begin with 256 bytes of padding.
    assert 256 + most < 4096 // 2


def test_an_old_status_does_nothing_and_a_receipt_always_counts():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    book.on_status(status(alarm, 3, 1, number=10), 0)
    assert alarm.state == life.HELP_COMING
    book.on_status(status(alarm, 1, 1, number=12), 0)
    for state, number in ((4, 11), (4, None), (3, 2)):
        with pytest.raises(Refused):
            book.on_status(status(alarm, state, 1, number=number), 0)
    assert alarm.state == life.HELP_COMING
    book.handle(alarm, life.EV_FALSE_ALARM, 0)
    book.on_status(status(alarm, 1, 2, number=3), 0)
    assert alarm.is_delivered()
    book.on_status(status(alarm, 4, 2, number=13), 0)
    assert alarm.state == life.CLOSED


def test_a_replayed_help_coming_means_nothing_after_the_incident_was_opened_again():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    book.on_status(status(alarm, 1, 1, number=3), 0)
    with pytest.raises(Refused):
        book.on_status(status(alarm, 3, 1, number=2), 0)
    assert alarm.state == life.RECEIVED


def test_what_was_heard_before_is_no_news_and_a_receiver_without_numbers_is_understood():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    assert book.on_status(status(alarm, 2, 1, number=3), 0)[1]
    assert book.on_status(status(alarm, 2, 1, number=3), 0) == (alarm, None)
    other, _ = book.squeeze(0)
    for state in (1, 2, 3, 4):
        book.on_status(status(other, state, 1), 0)
    assert other.state == life.CLOSED


def test_what_was_heard_outlives_a_reset():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    book.on_status(status(alarm, 2, 1, number=70_000), 0)
    again = unpack(4, alarm.seq, alarm.pack(0), 0)
    assert (again.state, again.heard, again.rev) == (life.TAKEN, 70_000, 1)
