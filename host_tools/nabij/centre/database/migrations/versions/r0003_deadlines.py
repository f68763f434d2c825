"""Deadlines: alarms that are no incident yet, and a rev for each message."""

from alembic import op

revision = "0003"
down_revision = "0002"

# Version 2 knew alarms only, each of them an incident, and no rev.
_STATEMENTS = (
    "ALTER TABLE incident ADD COLUMN by_deadline BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE incident ADD COLUMN due_ms BIGINT",
    "ALTER TABLE incident ADD COLUMN heard_ms BIGINT",
    "ALTER TABLE incident ADD COLUMN duress BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE incident ADD COLUMN false_alarm BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE incident ADD COLUMN ended BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE incident ADD COLUMN battery_percent INTEGER",
    "ALTER TABLE message RENAME TO message_2",
    "DROP INDEX IF EXISTS ix_message_incident_id",
    """CREATE TABLE alarm (
        id INTEGER NOT NULL PRIMARY KEY,
        badge VARCHAR(32) NOT NULL REFERENCES badge (badge),
        boot BIGINT NOT NULL, seq BIGINT NOT NULL, kind INTEGER NOT NULL,
        rev INTEGER NOT NULL, alarm_rev INTEGER, test BOOLEAN NOT NULL, ended BOOLEAN NOT NULL,
        false_alarm BOOLEAN NOT NULL, duress BOOLEAN NOT NULL, set_ms BIGINT NOT NULL,
        heard_ms BIGINT NOT NULL, due_ms BIGINT, due_steady_ms BIGINT, epoch TEXT,
        adopted BOOLEAN NOT NULL, incident_id INTEGER UNIQUE REFERENCES incident (id),
        UNIQUE (badge, boot, seq))""",
    "CREATE INDEX alarm_running ON alarm (due_steady_ms) WHERE due_steady_ms IS NOT NULL",
    "CREATE INDEX alarm_idle ON alarm (heard_ms) WHERE incident_id IS NULL",
    """CREATE TABLE forgotten (
        badge VARCHAR(32) NOT NULL REFERENCES badge (badge),
        boot BIGINT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (badge, boot))""",
    """CREATE TABLE news (
        id INTEGER NOT NULL PRIMARY KEY, alarm_id INTEGER NOT NULL REFERENCES alarm (id),
        what TEXT NOT NULL, at_ms BIGINT NOT NULL)""",
    "CREATE INDEX ix_news_alarm_id ON news (alarm_id)",
    """CREATE TABLE message (
        id INTEGER NOT NULL PRIMARY KEY, alarm_id INTEGER NOT NULL REFERENCES alarm (id),
        received_ms BIGINT NOT NULL, rev INTEGER NOT NULL, attempt BIGINT NOT NULL,
        frame BLOB NOT NULL)""",
    "CREATE INDEX ix_message_alarm_id ON message (alarm_id)",
    "CREATE INDEX ix_message_received_ms ON message (received_ms)",
    "CREATE TABLE alive (wall_ms BIGINT NOT NULL, steady_ms BIGINT NOT NULL, epoch TEXT NOT NULL)",
    """INSERT INTO alarm (badge, boot, seq, kind, rev, alarm_rev, test, ended, false_alarm, duress,
        set_ms, heard_ms, adopted, incident_id)
    SELECT badge, boot, seq, kind, 0, 0, test, 0, 0, 0, raised_ms,
        coalesce((SELECT max(m.received_ms) FROM message_2 m WHERE m.incident_id = incident.id),
            received_ms), 0, id
    FROM incident ORDER BY id""",
    """INSERT INTO message (id, alarm_id, received_ms, rev, attempt, frame)
    SELECT m.id, alarm.id, m.received_ms, 0, m.attempt, m.frame
    FROM message_2 m JOIN alarm ON alarm.incident_id = m.incident_id""",
    """INSERT INTO news (alarm_id, what, at_ms)
    SELECT alarm.id, 'opened', incident.received_ms
    FROM unannounced JOIN incident ON incident.id = unannounced.incident_id
    JOIN alarm ON alarm.incident_id = incident.id ORDER BY incident.id""",
    "DROP TABLE message_2",
    "DROP TABLE unannounced",
)


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    for statement in _STATEMENTS:
        op.execute(statement)
