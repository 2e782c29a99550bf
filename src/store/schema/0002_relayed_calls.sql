-- SPDX-License-Identifier: Apache-2.0
-- Calls that go through the server: how media travels, and connections whose other end is the
-- server, with `peer` absent. Raised hands and what a moderator has muted outlive a restart. Links
-- may be tokens for WHIP and WHEP, with an end to their use.

ALTER TABLE meetings ADD COLUMN mode TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE meetings ADD COLUMN relay_asked INTEGER NOT NULL DEFAULT 0;

ALTER TABLE links ADD COLUMN via TEXT;
ALTER TABLE links ADD COLUMN expires_at_us INTEGER;

ALTER TABLE participants ADD COLUMN via TEXT;
ALTER TABLE participants ADD COLUMN hand INTEGER NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN silenced INTEGER NOT NULL DEFAULT 0;

CREATE TABLE modes (
    id      INTEGER NOT NULL PRIMARY KEY,
    meeting TEXT    NOT NULL,
    session INTEGER NOT NULL,
    mode    TEXT    NOT NULL,
    at_us   INTEGER NOT NULL,
    FOREIGN KEY (meeting, session) REFERENCES calls (meeting, session) ON DELETE CASCADE
) STRICT;
CREATE INDEX modes_of_call ON modes (meeting, session, id);

CREATE TABLE connections_2 (
    id          INTEGER NOT NULL PRIMARY KEY,
    participant TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    peer        TEXT    REFERENCES participants (id) ON DELETE CASCADE,
    state       TEXT    NOT NULL,
    path        TEXT,
    at_us       INTEGER NOT NULL
) STRICT;
INSERT INTO connections_2 (id, participant, peer, state, path, at_us)
    SELECT id, participant, peer, state, path, at_us FROM connections;
DROP TABLE connections;
ALTER TABLE connections_2 RENAME TO connections;
CREATE INDEX connections_of_participant ON connections (participant, id);
CREATE INDEX connections_of_peer ON connections (peer);

CREATE TABLE statistics_2 (
    participant            TEXT    NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
    peer                   TEXT    REFERENCES participants (id) ON DELETE CASCADE,
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
    video_rtt_ms           REAL    NOT NULL
) STRICT;
INSERT INTO statistics_2 SELECT * FROM statistics;
DROP TABLE statistics;
ALTER TABLE statistics_2 RENAME TO statistics;
CREATE UNIQUE INDEX statistics_of_pair ON statistics (participant, coalesce(peer, ''));
CREATE INDEX statistics_of_peer ON statistics (peer);
