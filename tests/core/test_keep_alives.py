"""Each of several bearers learns by itself how long it may be silent."""

from badge.core.keep_alives import KeepAlives


def test_what_one_network_keeps_says_nothing_of_anothers() -> None:
    each = KeepAlives(60, 300)
    assert each.now_s == 60
    wlan = each.of("wlan")
    for _ in range(9):
        wlan.answered()
    assert each.now_s == 300
    assert each.of("lte_m").now_s == each.now_s == 60
    each.of("lte_m").unanswered()
    assert each.of("wlan") is wlan
    assert each.now_s == 300
