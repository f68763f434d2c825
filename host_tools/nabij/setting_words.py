"""What each setting is for, and the heading that it stands under (badge.core.settings.fields)."""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """`group` is the heading that it stands under, and the table that a file may have it in."""

    group: str
    meaning: str


WORDS: Final = {
    "sos_gesture": Words(
        "sos", "What raises SOS beside a squeeze of both buttons, which always does."
    ),
    "sos_hold_ms": Words("sos", "Squeeze held this long raises SOS."),
    "sos_debounce_ms": Words("sos", "Shorter contacts are bounce."),
    "prealarm_ms": Words("alarm", "Time to cancel an automatic alarm."),
    "not_delivered_ms": Words("alarm", "Tell the wearer: no receipt."),
    "retry_first_ms": Words("link", "Wait before the second try."),
    "retry_max_ms": Words("link", "Longest wait between tries."),
    "keepalive_s": Words("link", "MQTT keep-alive of the link, at first."),
    "keepalive_most_s": Words(
        "link", "What the keep-alive may learn to become; no more than keepalive_s: it stays."
    ),
    "link_connect_timeout_ms": Words("link", "Give up a connect."),
    "more_addresses": Words(
        "link", "Where else the receiver is: host or host:port, spaces between."
    ),
    "wlan_networks": Words(
        "link",
        "WLAN, a line name=password for each; a badge tells only that it has some.",
    ),
    "wlan_beside_modem": Words("link", "With a modem, whether the networks are used as well."),
    "time_host": Words("link", "Who is asked for the time over WLAN (NTP); empty: nobody."),
    "ble_after_s": Words(
        "link",
        "Alarm without receipt: call for a gateway by BLE (without a modem at once); 0: never.",
    ),
    "relay_scan_s": Words(
        "link",
        "Carry for colleagues: listen for their calls by BLE this often (10 at least); 0: never.",
    ),
    "tag_scan": Words("link", "Listen for room tags in an alarm and after a walk (BLE)."),
    "tag_houses": Words(
        "link",
        "Whose tags are rooms: UUID of iBeacons, namespace of Eddystone; no others are.",
    ),
    "sms_to": Words(
        "link", "The receiver's number for text messages, as +31612345678; empty: no SMS."
    ),
    "sms_after_s": Words(
        "link", "Alarm without receipt: tell it by SMS, once a test passed on the SIM; 0: never."
    ),
    "sms_shift_test": Words(
        "link", "Test SMS at each shift test too: each is a message, so only where they are free."
    ),
    "sms_plain_to": Words(
        "link", "A person's number, who is told in words 30 s after that; empty: nobody."
    ),
    "sms_plain_name": Words("link", "Whom the words name; empty: the badge."),
    "sms_plain_language": Words("link", "Language of the words."),
    "gnss": Words(
        "where",
        "In an alarm, look for satellites; the modem's receiver takes it off its network.",
    ),
    "gnss_anyway_s": Words(
        "where", "Look too when an alarm has been without any network for so long; 0: never."
    ),
    "locate_on_shift": Words(
        "where",
        "On shift, without an alarm too, tell where the badge is (docs/location.md first).",
    ),
    "locate_every_min": Words("where", "And that at most this often."),
    "haptic_strength_percent": Words("feedback", "Strength of the motor."),
    "sound_percent": Words("feedback", "Loudness of the buzzer; 0: none."),
    "light": Words("feedback", "Whether the status LED may light."),
    "link_lost_s": Words("link", "Lost link to what is felt of it."),
    "link_remind_s": Words("link", "Lost link: felt again after this."),
    "check_in_min": Words("timers", "Check in this often; 0: never asked."),
    "check_in_grace_s": Words("timers", "Time to answer a check-in."),
    "check_in_jitter_s": Words("timers", "Ask up to this much earlier."),
    "quiet_from_min": Words("timers", "No check-in from this minute of the day."),
    "quiet_to_min": Words("timers", "Check-ins again from it; equal: no quiet."),
    "utc_offset_min": Words("timers", "Local time less UTC (quiet hours)."),
    "amber_min": Words("timers", "Amber runs this long; extended by it."),
    "amber_warn_s": Words("timers", "Felt this long before amber ends."),
    "shift_min": Words("timers", "A shift ends by itself; 0: never."),
    "shift_test": Words("timers", "Test to the receiver at its start."),
    "shift_buttons": Words("timers", "And have the buttons tried."),
    "test_every_min": Words("timers", "And again this often."),
    "light_sleep": Words("power", "Sleep between events."),
    "modem_sleep": Words("power", "While the badge sleeps, its modem does."),
    "edrx_s": Words(
        "power",
        "Ask the network to call the modem this seldom; what the receiver says may come so much "
        "later (eDRX); 0: no.",
    ),
    "battery_hours": Words(
        "power", "A full battery lasts so long; for the forecast until it is measured."
    ),
    "imu_watermark_samples": Words("motion", "Samples in the FIFO per burst."),
    "impact_mg": Words("detector", "An impact proposes a fall."),
    "decide_ms": Words("detector", "Impact to the pre-alarm."),
    "confirm_ms": Words("detector", "Impact to down or recovered."),
    "fall_points": Words("detector", "What an impact needs to be a fall."),
    "down_points": Words("detector", "What the rest needs to be down."),
    "verifier": Words("detector", "Trees that give points; base64."),
    "fall_clear_mg": Words("mandown", "Up and moving so ends a fall; 0: no."),
    "rest_alarm": Words("mandown", "Alarm when the wearer does not move."),
    "rest_mg": Words("mandown", "Movement below this is rest."),
    "rest_hold_ms": Words("mandown", "Rest to its pre-alarm."),
    "rest_upright_hold_ms": Words("mandown", "The same while upright."),
    "tilt_alarm": Words("mandown", "Alarm when the wearer lies."),
    "tilt_deg": Words("mandown", "More than this from upright is lying."),
    "tilt_hold_ms": Words("mandown", "Lying to its pre-alarm."),
    "rip_alarm": Words("mandown", "Alarm when the lanyard is torn off."),
    "rip_hold_ms": Words("mandown", "Torn off to its pre-alarm."),
    "flight_alarm": Words("mandown", "Alarm when the wearer runs on."),
    "flight_mg": Words("mandown", "Effort from here on is running."),
    "flight_hold_ms": Words("mandown", "Running to its alarm."),
    "clear_hold_ms": Words("mandown", "A cause is over after this."),
    "drive_kmh": Words("mandown", "From this speed on the wearer drives."),
    "suppress_max_ms": Words("mandown", "Charging, table, driving silence no longer."),
    "motion_before_ms": Words("motion", "Motion kept before an event."),
    "motion_after_ms": Words("motion", "Motion kept after an event."),
    "motion_upload": Words(
        "motion",
        "The motion around a fall, no motion, tilt or flight is sent after the receipt.",
    ),
}

GROUPS: Final = tuple(dict.fromkeys(words.group for words in WORDS.values()))
