"""The tables of people: who they are, what they may do, who wears which badge. Since 0012."""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata, of_rows

site = sa.Table(
    "site",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    # An IANA name, since revision 0023; empty: that of the receiver's machine.
    sa.Column("zone", sa.Text, nullable=False, server_default=""),
)

team = sa.Table(
    "team",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("site_id", sa.ForeignKey("site.id")),
    # What to do about an alarm of one of them, unless the person has a plan of their own.
    sa.Column("action_plan", sa.Text, nullable=False, server_default=""),
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("team_id", sa.ForeignKey("team.id"), index=True),
    sa.Column("language", sa.Text, nullable=False, server_default="en"),
    sa.Column("phone", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("action_plan", sa.Text, nullable=False, server_default=""),
    # Works alone and is given a badge; others are called, or only log in.
    sa.Column("wears", sa.Boolean, nullable=False, server_default=sa.true()),
    # Left at that time. The row stays, for incidents and assignments refer to it.
    sa.Column("left_ms", sa.BigInteger),
    # From here on since revision 0018: how plans name whom they call (NULL for who is not called),
    # where their clock is, and when only a step that wakes them calls them.
    sa.Column("key", sa.String(32)),
    sa.Column("zone", sa.Text, nullable=False, server_default=""),
    sa.Column("quiet", sa.Text, nullable=False, server_default=""),
)
sa.Index("person_key", person.c.key, unique=True)

# How a person is called, lowest place first. The url holds secrets: no list and no log shows it.
person_channel = sa.Table(
    "person_channel",
    metadata,
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.UniqueConstraint("person_id", "name"),
)

# On these days, both included, somebody else is called: by key, empty for nobody.
person_away = sa.Table(
    "person_away",
    metadata,
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("first", sa.String(10), nullable=False),
    sa.Column("last", sa.String(10), nullable=False),
    sa.Column("stand_in", sa.String(32), nullable=False),
)

# Who is called about a person, lowest place first.
contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("reach", sa.Text, nullable=False),
    sa.UniqueConstraint("person_id", "place"),
)

# Who wears which badge, from..until; until is NULL while it lasts.
assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("badge", sa.ForeignKey("badge.badge"), nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("from_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("ended_by", sa.Text, nullable=False, server_default=""),
    sa.Column("ended_why", sa.Text, nullable=False, server_default=""),
)
sa.Index("assignment_of_badge", assignment.c.badge, assignment.c.from_ms)
sa.Index(
    "assignment_now", assignment.c.badge, unique=True, **of_rows(assignment.c.until_ms.is_(None))
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    # In lower case: nobody remembers which letters were large.
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), index=True),
    # Argon2id; empty until the invitation is used.
    sa.Column("password_hash", sa.Text, nullable=False, server_default=""),
    # Base32; empty without a second factor. The step of the last code that was taken.
    sa.Column("totp_secret", sa.Text, nullable=False, server_default=""),
    sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

# Whose people a supervisor sees.
supervision = sa.Table(
    "supervision",
    metadata,
    sa.Column("account_id", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("team_id", sa.ForeignKey("team.id"), primary_key=True),
)

# Of a token only its SHA-256: who reads the database can use none.
session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("begun_ms", sa.BigInteger, nullable=False),
    sa.Column("seen_ms", sa.BigInteger, nullable=False),
)

# A key of a telephone or computer that opens an account of that name of the console. Since 0022.
passkey = sa.Table(
    "passkey",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
)

# A link that sets a password, once.
invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)

# Who did what, and who looked at whom. Only added to.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False, index=True),
    # As it was called then: an account may be gone.
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), index=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id")),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    # Since revision 0024, NULL in lines of before: see people/audit_chain.py.
    sa.Column("salt", sa.LargeBinary(16)),
    sa.Column("personal", sa.LargeBinary(32)),
    sa.Column("chain", sa.LargeBinary(32)),
    sqlite_autoincrement=True,
)
# Since revision 0016.
sa.Index("audit_of_incident", audit.c.incident_id, audit.c.by)

# The head of the audit at the end of each day, signed. Since revision 0024.
audit_anchor = sa.Table(
    "audit_anchor",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("last_id", sa.Integer, nullable=False),
    sa.Column("head", sa.LargeBinary(32), nullable=False),
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
)

# What people wrote to an incident, beside what moved it on. Only added to.
remark = sa.Table(
    "remark",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

# The works council's consent to what the law asks it about; the newest counts.
consent = sa.Table(
    "consent",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    # As YYYY-MM-DD: it is a day, wherever the machine stands.
    sa.Column("on_date", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("noted_ms", sa.BigInteger, nullable=False),
    sa.Column("noted_by", sa.Text, nullable=False),
)
