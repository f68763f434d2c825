CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE alive (
	wall_ms BIGINT NOT NULL,
	steady_ms BIGINT NOT NULL,
	epoch TEXT NOT NULL
);
CREATE TABLE badge (
	badge VARCHAR(32) NOT NULL,
	hmac_key BYTEA NOT NULL,
	subject TEXT NOT NULL,
	wearer TEXT NOT NULL,
	enrolled_ms BIGINT NOT NULL,
	revoked_ms BIGINT,
	PRIMARY KEY (badge)
);
CREATE TABLE forgotten (
	badge VARCHAR(32) NOT NULL,
	boot BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (badge, boot),
	FOREIGN KEY(badge) REFERENCES badge (badge)
);
CREATE TABLE incident (
	id SERIAL NOT NULL,
	badge VARCHAR(32) NOT NULL,
	wearer TEXT NOT NULL,
	boot BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	kind INTEGER NOT NULL,
	state INTEGER NOT NULL,
	test BOOLEAN NOT NULL,
	raised_ms BIGINT NOT NULL,
	received_ms BIGINT NOT NULL,
	age_ms BIGINT NOT NULL,
	age_at_least BOOLEAN NOT NULL,
	attempt BIGINT NOT NULL,
	peak_mg INTEGER,
	tilt_deg INTEGER,
	by_deadline BOOLEAN DEFAULT false NOT NULL,
	due_ms BIGINT,
	heard_ms BIGINT,
	duress BOOLEAN DEFAULT false NOT NULL,
	false_alarm BOOLEAN DEFAULT false NOT NULL,
	ended BOOLEAN DEFAULT false NOT NULL,
	battery_percent INTEGER,
	shift_ms BIGINT,
	until_ms BIGINT,
	back_ms BIGINT,
	reason INTEGER,
	PRIMARY KEY (id),
	UNIQUE (badge, boot, seq),
	FOREIGN KEY(badge) REFERENCES badge (badge)
);
CREATE TABLE numbered (
	badge VARCHAR(32) NOT NULL,
	number BIGINT NOT NULL,
	PRIMARY KEY (badge),
	FOREIGN KEY(badge) REFERENCES badge (badge)
);
CREATE TABLE alarm (
	id SERIAL NOT NULL,
	badge VARCHAR(32) NOT NULL,
	boot BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	kind INTEGER NOT NULL,
	rev INTEGER NOT NULL,
	alarm_rev INTEGER,
	test BOOLEAN NOT NULL,
	ended BOOLEAN NOT NULL,
	false_alarm BOOLEAN NOT NULL,
	duress BOOLEAN NOT NULL,
	set_ms BIGINT NOT NULL,
	heard_ms BIGINT NOT NULL,
	due_ms BIGINT,
	due_steady_ms BIGINT,
	epoch TEXT,
	adopted BOOLEAN NOT NULL,
	incident_id INTEGER,
	number BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (badge, boot, seq),
	FOREIGN KEY(badge) REFERENCES badge (badge),
	UNIQUE (incident_id),
	FOREIGN KEY(incident_id) REFERENCES incident (id)
);
CREATE INDEX alarm_idle ON alarm (heard_ms) WHERE incident_id IS NULL;
CREATE INDEX alarm_running ON alarm (due_steady_ms) WHERE due_steady_ms IS NOT NULL;
CREATE TABLE move (
	id SERIAL NOT NULL,
	incident_id INTEGER NOT NULL,
	state INTEGER NOT NULL,
	at_ms BIGINT NOT NULL,
	by TEXT NOT NULL,
	note TEXT NOT NULL,
	request TEXT NOT NULL,
	owed BOOLEAN NOT NULL,
	again INTEGER NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(incident_id) REFERENCES incident (id),
	UNIQUE (request)
);
CREATE INDEX ix_move_incident_id ON move (incident_id);
CREATE INDEX move_owed ON move (incident_id) WHERE owed;
CREATE TABLE watch (
	badge VARCHAR(32) NOT NULL,
	boot BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	since_ms BIGINT NOT NULL,
	due_ms BIGINT NOT NULL,
	due_steady_ms BIGINT,
	epoch TEXT NOT NULL,
	adopted BOOLEAN NOT NULL,
	lost_ms BIGINT,
	incident_id INTEGER,
	PRIMARY KEY (badge),
	FOREIGN KEY(badge) REFERENCES badge (badge),
	FOREIGN KEY(incident_id) REFERENCES incident (id)
);
CREATE TABLE message (
	id SERIAL NOT NULL,
	alarm_id INTEGER NOT NULL,
	received_ms BIGINT NOT NULL,
	rev INTEGER NOT NULL,
	attempt BIGINT NOT NULL,
	frame BYTEA NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(alarm_id) REFERENCES alarm (id)
);
CREATE INDEX ix_message_alarm_id ON message (alarm_id);
CREATE INDEX ix_message_received_ms ON message (received_ms);
CREATE TABLE news (
	id SERIAL NOT NULL,
	alarm_id INTEGER NOT NULL,
	what TEXT NOT NULL,
	at_ms BIGINT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(alarm_id) REFERENCES alarm (id)
);
CREATE INDEX ix_news_alarm_id ON news (alarm_id);
INSERT INTO badge VALUES ('a', decode('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex'), 'CN=a', 'A. de Vries', 1, NULL);
INSERT INTO incident VALUES (1, 'a', 'A. de Vries', 7, 1, 1, 3, false, 1790000000000, 1790000000000, 0, false, 1);
INSERT INTO alarm VALUES (1, 'a', 7, 1, 1, 1, 1, false, false, false, false, 1790000000000, 1790000000000, NULL, NULL, NULL, false, 1, 6);
INSERT INTO numbered VALUES ('a', 6);
INSERT INTO move VALUES (1, 1, 3, 1790000000009, 'J. Smit', '', 'r2', true, 2);
INSERT INTO news VALUES (5, 1, 'opened', 1790000000000);
INSERT INTO news VALUES (8, 1, 'help_coming', 1790000000009);
SELECT setval('incident_id_seq', 1), setval('alarm_id_seq', 1), setval('move_id_seq', 1), setval('news_id_seq', 8);
INSERT INTO alembic_version VALUES ('0008');
