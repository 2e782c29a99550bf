-- SPDX-License-Identifier: Apache-2.0
-- The first schema. What each column is for, whom it is about and when it goes is said in
-- inventory.toml; the build fails where the two don't match.
--
-- Names of columns are those of the structs in port/store.h. Times are microseconds since 1970,
-- hashes are keyed, and enumerated values are stored by their name on the wire.

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE setup_token (
    slot          INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    token_hash    BLOB    NOT NULL CHECK (length(token_hash) = 32),
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user          TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL,
    seen_at_us    INTEGER
) STRICT;
CREATE INDEX sessions_of_user ON sessions (user);

CREATE TABLE meetings (
    id            TEXT    NOT NULL PRIMARY KEY,
    owner         TEXT    REFERENCES users (id) ON DELETE CASCADE,
    kind          TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    starts_at_us  INTEGER,
    duration_us   INTEGER NOT NULL,
    time_zone     TEXT,
    closes_at_us  INTEGER,
    ended_at_us   INTEGER,
    topology      TEXT    NOT NULL,
    lobby         INTEGER NOT NULL,
    locked        INTEGER NOT NULL,
    session       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX meetings_of_owner ON meetings (owner, coalesce(starts_at_us, created_at_us), id);

CREATE TABLE links (
    id            TEXT    NOT NULL PRIMARY KEY,
    meeting       TEXT    NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    secret_hash   BLOB    NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    role          TEXT    NOT NULL,
    label         TEXT,
    shared        INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    revoked_at_us INTEGER,
    used_at_us    INTEGER
) STRICT;
CREATE INDEX links_of_meeting ON links (meeting, created_at_us, id);

-- A session of a meeting; the head of its call data record.
CREATE TABLE calls (
    meeting       TEXT    NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    session       INTEGER NOT NULL,
    started_at_us INTEGER NOT NULL,
    ended_at_us   INTEGER,
    PRIMARY KEY (meeting, session)
) STRICT;
CREATE INDEX calls_by_start ON calls (started_at_us, meeting, session);
CREATE INDEX calls_by_end ON calls (ended_at_us, meeting, session);

-- session is absent while the person waits in the lobby.
CREATE TABLE participants (
    id              TEXT    NOT NULL PRIMARY KEY,
    meeting         TEXT    NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    session         INTEGER,
    link            TEXT,
    account         TEXT    REFERENCES users (id) ON DELETE SET NULL,
    shared          INTEGER NOT NULL,
    hide_address    INTEGER NOT NULL,
    own_role        TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    name            TEXT,
    came_at_us      INTEGER NOT NULL,
    joined_at_us    INTEGER,
    left_at_us      INTEGER,
    gone            TEXT,
    resume_hash     BLOB    CHECK (length(resume_hash) = 32),
    resume_old_hash BLOB    CHECK (length(resume_old_hash) = 32),
    address         TEXT,
    country         TEXT,
    network         TEXT,
    FOREIGN KEY (meeting, session) REFERENCES calls (meeting, session) ON DELETE CASCADE
) STRICT;
CREATE INDEX participants_of_call ON participants (meeting, session);
CREATE INDEX participants_of_account ON participants (account) WHERE account IS NOT NULL;
CREATE INDEX participants_there ON participants (meeting) WHERE left_at_us IS NULL;

-- A link is blocked for good; a participant for the rest of the session. '' stands for the other.
CREATE TABLE blocks (
    meeting     TEXT    NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    link        TEXT    NOT NULL,
    participant TEXT    NOT NULL,
    session     INTEGER NOT NULL,
    at_us       INTEGER NOT NULL,
    PRIMARY KEY (meeting, link, participant)
) STRICT;

CREATE TABLE connections (
    id          INTEGER NOT NULL PRIMARY KEY,
    participant TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    peer        TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    state       TEXT    NOT NULL,
    path        TEXT,
    at_us       INTEGER NOT NULL
) STRICT;
CREATE INDEX connections_of_participant ON connections (participant, id);
CREATE INDEX connections_of_peer ON connections (peer);

CREATE TABLE statistics (
    participant            TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    peer                   TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    at_us                  INTEGER NOT NULL,
    audio_packets_sent     INTEGER NOT NULL,
    audio_packets_received INTEGER NOT NULL,
    audio_packets_lost     INTEGER NOT NULL,
    audio_bytes_sent       INTEGER NOT NULL,
    audio_bytes_received   INTEGER NOT NULL,
    audio_jitter_ms        REAL    NOT NULL,
    audio_rtt_ms           REAL    NOT NULL,
    video_packets_sent     INTEGER NOT NULL,
    video_packets_received INTEGER NOT NULL,
    video_packets_lost     INTEGER NOT NULL,
    video_bytes_sent       INTEGER NOT NULL,
    video_bytes_received   INTEGER NOT NULL,
    video_jitter_ms        REAL    NOT NULL,
    video_rtt_ms           REAL    NOT NULL,
    PRIMARY KEY (participant, peer)
) STRICT;
CREATE INDEX statistics_of_peer ON statistics (peer);

-- owner is '' for requests without an account. The answer may hold the title of the meeting.
CREATE TABLE idempotency_keys (
    owner         TEXT    NOT NULL,
    key_hash      BLOB    NOT NULL CHECK (length(key_hash) = 32),
    request_hash  BLOB    NOT NULL CHECK (length(request_hash) = 32),
    meeting       TEXT,
    answer        BLOB,
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL,
    PRIMARY KEY (owner, key_hash)
) STRICT;
CREATE INDEX idempotency_keys_of_meeting ON idempotency_keys (meeting) WHERE meeting IS NOT NULL;

-- However a meeting or an account goes, the answers that speak of it go too.
CREATE TRIGGER meeting_answers_go AFTER DELETE ON meetings BEGIN
    DELETE FROM idempotency_keys WHERE meeting = OLD.id;
END;
CREATE TRIGGER account_answers_go AFTER DELETE ON users BEGIN
    DELETE FROM idempotency_keys WHERE owner = OLD.id;
END;
