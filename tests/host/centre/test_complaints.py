"""A trouble is told once, then now and then, then that it is over."""

from nabij.centre.complaints import AGAIN_S, STILL_S, Complaint


def test_a_trouble_that_goes_on_is_no_hundred_sentences() -> None:
    said: list[str] = []
    now_s = [0.0]
    complaint = Complaint(said.append, "It works again.", lambda: now_s[0])
    complaint.over()
    for _ in range(100):
        complaint.found("It is full.")
        complaint.found("It is locked.")
        now_s[0] += STILL_S / 101
    assert said == ["It is full.", "It is locked."]
    now_s[0] = STILL_S
    for _ in range(3):
        complaint.found("It is full.")
        now_s[0] += AGAIN_S - 1
    assert said[2:] == ["Still: It is full."] * 2
    complaint.over()
    complaint.over()
    complaint.found("It is full.")
    assert said[4:] == ["It works again.", "It is full."]
