/**
 * Codes of our own. A row of `verification_locks` is held while anything about its number changes, or its starter
 * is counted.
 */
export const VERIFICATIONS =
  `CREATE TABLE verification_locks (
     lock_key TEXT PRIMARY KEY,
     touched_at BIGINT NOT NULL
   );
   CREATE INDEX verification_locks_by_time ON verification_locks (touched_at);

   CREATE TABLE verifications (
     id TEXT PRIMARY KEY,
     caller TEXT NOT NULL,
     starter TEXT NOT NULL,
     profile TEXT NOT NULL,
     code_id TEXT NOT NULL,
     code_maker TEXT NOT NULL,
     is_decoy BIGINT NOT NULL,
     status TEXT NOT NULL,
     number_digest TEXT NOT NULL,
     number_masked TEXT NOT NULL,
     country TEXT,
     sealed_number TEXT NOT NULL,
     sealed TEXT,
     code_hash TEXT,
     asked_hash TEXT,
     channel TEXT NOT NULL,
     granted BIGINT NOT NULL,
     used BIGINT NOT NULL,
     max_attempts BIGINT NOT NULL,
     sends BIGINT NOT NULL,
     max_sends BIGINT NOT NULL,
     resend_at BIGINT NOT NULL,
     message TEXT NOT NULL,
     message_reason TEXT,
     deliveries TEXT NOT NULL DEFAULT '',
     created_at BIGINT NOT NULL,
     sent_at BIGINT NOT NULL,
     expires_at BIGINT NOT NULL,
     ended_at BIGINT
   );
   CREATE INDEX verifications_by_number ON verifications (number_digest, profile) WHERE status = 'pending';
   CREATE INDEX verifications_by_number_and_starter ON verifications (number_digest, starter, profile, id);
   CREATE INDEX verifications_by_starter ON verifications (starter, id);
   CREATE INDEX verifications_by_code ON verifications (code_id) WHERE code_id <> id;

   CREATE TABLE guesses (
     verification_id TEXT NOT NULL,
     guess BIGINT NOT NULL,
     number_digest TEXT NOT NULL,
     is_decoy BIGINT NOT NULL,
     guessed_at BIGINT NOT NULL,
     is_open BIGINT NOT NULL,
     PRIMARY KEY (verification_id, guess)
   );
   CREATE INDEX guesses_by_number ON guesses (number_digest, guessed_at);
   CREATE INDEX guesses_by_time ON guesses (guessed_at);

   ALTER TABLE due ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;`
