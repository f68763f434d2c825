"""What to do about a part of a badge that fails, by the code that it gives."""

from typing import Final

FAILURES: Final = {
    "imu.absent": "check the accelerometer's four wires (3V3, GND, SDA, SCL) and its address",
    "imu.identity": "another chip sits at this address: fit an LSM6DSOX",
    "imu.bus": "check the solder joints of SDA and SCL and their pull-up resistors",
    "imu.silent": "check the accelerometer's supply, then its INT1 wire",
    "imu.failed": "check the accelerometer's wires; the log says what it does (`nabij log`)",
    "imu.busy": "leave the badge lying still for half a minute and run this again",
    "imu.tag": "the accelerometer loses step: check its supply and the length of its wires",
    "selftest.soon": "wait half a minute and run this again",
    "selftest.alarm": "close the open alarm at the receiver and run this again",
    "flash.failed": "bring the stored motion home (`nabij pull`), then flash the badge anew",
    "at.timeout": "charge the battery; if it stays silent, check the modem's PWRKEY wire",
    "at.error": "insert a SIM with its contacts down, and switch the badge off and on",
    "at.garbage": "check the modem's serial wires and their length",
}
LINK_FAILURES: Final = {
    "modem.dead": "the modem does not answer: charge the battery and check PWRKEY",
    "modem.denied": "the network refuses this SIM: have it activated for LTE-M, check the APN",
    "modem.sim": "the SIM is missing or locked: insert it, or switch its PIN off in a telephone",
    "modem.no_network": "no network: take the badge to a window and check the antenna",
    "modem.searching": "a signal is there, and no network takes the badge: wait two minutes, then "
    "ask the operator whether the SIM has LTE-M here",
    "modem.radio_off": "the modem's radio is off: wait two minutes for the badge to switch it on",
    "modem.no_bearer": "no data connection: check the APN (`nabij provision --apn`)",
    "modem.open": "the receiver is not reached: check that `nabij serve` runs there, and its host "
    "name, port and firewall",
    "modem.lost": "the connection breaks: check signal and firewall",
    "wlan.no_network": "no network of `wlan_networks` is in reach: take the badge to one",
    "wlan.password": "the network refuses the password: correct it in `wlan_networks`",
    "wlan.refused": "the network refuses the badge: have it admitted there",
    "wlan.timeout": "the network does not answer: check that it gives addresses (DHCP)",
    "wlan.dns": "the network does not know the receiver's name: provision its address as numbers",
    "wlan.open": "the receiver is not reached: check that `nabij serve` runs there, and its host "
    "name, port and firewall",
    "wlan.lost": "the connection breaks: put up one more access point",
    "wlan.dead": "the radio does not start: switch the badge off and on",
    "link.none": "no way to the receiver is set: name a network in `wlan_networks`",
    "link.refused": "the receiver refuses the badge, or the badge the receiver: check that this "
    "badge is enrolled and not revoked, and provision it again if keys were changed",
    "link.deaf": "the broker refuses to let the badge listen: alarms go out and no receipt comes; "
    "`nabij serve` says why",
    "link.timeout": "the receiver does not answer in time: check that `nabij serve` runs there",
    "link.closed": "the receiver hangs up: check that this badge is enrolled and not revoked",
    "link.protocol": "what answers there is not the receiver: check host name and port",
}
# Of a test by SMS.
SMS_FAILURES: Final = {
    "modem.no_network": "it needs a network as data does: take the badge to a window",
    "modem.sms_not_ready": "wait a minute and run this again",
    "sms.no_card": "insert a SIM with its contacts down, and switch the badge off and on",
    "sms.no_room": "alarms wait for delivery: see to those first",
    "sms.card": "another SIM was put in meanwhile: run this again",
    "sms.refused": "the operator refuses: ask whether SMS is in the contract of this SIM, to any "
    "number and over LTE-M; until then leave `sms_after_s` 0",
    "sms.no_receipt": "the network took it and no receipt came in 3 minutes: check `sms_to`, and "
    "that the receiver there takes text messages (docs/sms.md)",
    "sms.interrupted": "something else went first: run this again",
    "selftest.alarm": "close the open alarm at the receiver and run this again",
    "at.timeout": "the modem did not end the message: switch the badge off and on, and run this "
    "again; if it stays so, this operator has no SMS for it: leave `sms_after_s` 0",
}
