"""The tables of escalation: plans, and who is being told what. Since version 14.

Whom they call are people of people_schema.
"""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema

_metadata: Final = schema.metadata

plan = sa.Table(
    "plan",
    _metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("working", sa.Text, nullable=False),
    sa.Column("claim_min", sa.Integer, nullable=False),
    sa.Column("repeat_min", sa.Integer, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
)

plan_badge = sa.Table(
    "plan_badge",
    _metadata,
    sa.Column("badge", sa.String(32), primary_key=True),
    sa.Column("plan", sa.ForeignKey("plan.name"), nullable=False),
)

# The highest position is the last step, which is repeated.
plan_step = sa.Table(
    "plan_step",
    _metadata,
    sa.Column("plan", sa.ForeignKey("plan.name"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("after_s", sa.Integer, nullable=False),
    # Since revision 0018 a person of the console.
    sa.Column("whom", sa.ForeignKey("person.id"), nullable=False),
    # Names, with blanks between.
    sa.Column("channels", sa.Text, nullable=False),
    sa.Column("during", sa.Text, nullable=False),
    sa.Column("wakes", sa.Boolean, nullable=False),
    sa.Column("until", sa.Text, nullable=False),
)

# Whether plans, or whom they call, changed since they were looked over, and what was found then,
# as JSON. One row. Since revision 0018.
plan_look = sa.Table(
    "plan_look",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("changes", sa.BigInteger, nullable=False),
    sa.Column("looked_at", sa.BigInteger, nullable=False),
    sa.Column("looked_ms", sa.BigInteger, nullable=False),
    sa.Column("found", sa.Text, nullable=False),
)

# A plan at work: of an incident, or a drill, which is of none.
escalation = sa.Table(
    "escalation",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), unique=True),
    sa.Column("plan", sa.String(32), nullable=False),
    # Rises each time it begins anew, at began_ms; event_id is of what it began for last.
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("began_ms", sa.BigInteger, nullable=False),
    sa.Column("event_id", sa.BigInteger, nullable=False),
    # Since when everybody was told and nobody answered; when it was over.
    sa.Column("unanswered_ms", sa.BigInteger),
    sa.Column("ended_ms", sa.BigInteger),
)

# Who is told by which channel: `place` counts the channels of a step. One without due_ms waits
# for the channel before it.
outbox = sa.Table(
    "outbox",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("escalation_id", sa.ForeignKey("escalation.id"), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("responder", sa.String(32), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("until", sa.Text, nullable=False),
    sa.Column("due_ms", sa.BigInteger),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("began_ms", sa.BigInteger),
    sa.Column("done_ms", sa.BigInteger),
    # It may have been sent before: the receiver ended while it was being sent.
    sa.Column("repeated", sa.Boolean, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    # Since revision 0016: how often whoever sent it ended before there was an answer.
    sa.Column("interrupted", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("escalation_id", "round", "position", "place"),
)
WAITS: Final = outbox.c.state.in_([sa.literal_column("'waiting'"), sa.literal_column("'sending'")])
sa.Index("outbox_waits", outbox.c.escalation_id, **schema.of_rows(WAITS))

# What people said by the links they got.
answer = sa.Table(
    "answer",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("outbox_id", sa.ForeignKey("outbox.id"), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("outbox_id", "what"),
)
