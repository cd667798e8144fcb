/** Going on by another channel, and finding out what became of a message whose id was lost. */
export const ESCALATION =
  `ALTER TABLE deliveries ADD COLUMN hook TEXT NOT NULL DEFAULT '';
   ALTER TABLE deliveries ADD COLUMN escalation TEXT;
   ALTER TABLE deliveries ADD COLUMN escalation_left TEXT;
   CREATE INDEX deliveries_escalation ON deliveries (expires_at) WHERE escalation IS NOT NULL;

   ALTER TABLE attempts ADD COLUMN sought TEXT;
   CREATE INDEX attempts_sought ON attempts (started_at) WHERE sought IS NOT NULL;

   CREATE TABLE keyrings (
     fingerprint TEXT PRIMARY KEY,
     seen_at BIGINT NOT NULL
   );`
