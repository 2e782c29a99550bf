-- SPDX-License-Identifier: Apache-2.0
-- Who came by a token for WHIP or WHEP is put out when it runs out, also after a restart.

ALTER TABLE participants ADD COLUMN until_us INTEGER;
