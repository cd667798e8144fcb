/**
 * The schema, step by step. A released step is never edited: what changes is added as a new one. A step adds, so that
 * processes of the version before can go on: a column has a default, and nothing is renamed or taken away that they use.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE deliveries (
     id TEXT PRIMARY KEY,
     caller TEXT NOT NULL,
     route TEXT NOT NULL,
     channel TEXT NOT NULL,
     claim_key TEXT NOT NULL,
     number_masked TEXT NOT NULL,
     number_digest TEXT NOT NULL,
     country TEXT,
     status TEXT NOT NULL,
     reason TEXT,
     created_at BIGINT NOT NULL,
     updated_at BIGINT NOT NULL,
     expires_at BIGINT NOT NULL,
     lease_until BIGINT NOT NULL,
     kept_code TEXT
   );
   CREATE INDEX deliveries_pending ON deliveries (lease_until) WHERE status = 'pending';
   CREATE INDEX deliveries_kept_code ON deliveries (number_digest) WHERE kept_code IS NOT NULL;

   CREATE TABLE claims (
     claim_key TEXT PRIMARY KEY,
     delivery_id TEXT NOT NULL,
     content TEXT NOT NULL,
     held_until BIGINT NOT NULL
   );

   CREATE TABLE attempts (
     id TEXT PRIMARY KEY,
     delivery_id TEXT NOT NULL,
     provider TEXT NOT NULL,
     channel TEXT NOT NULL,
     status TEXT NOT NULL,
     reason TEXT,
     vendor_code TEXT,
     result TEXT,
     reference TEXT,
     step TEXT,
     started_at BIGINT NOT NULL,
     finished_at BIGINT,
     lease_until BIGINT NOT NULL
   );
   CREATE INDEX attempts_of_delivery ON attempts (delivery_id);
   CREATE INDEX attempts_by_reference ON attempts (reference) WHERE reference IS NOT NULL;
   CREATE INDEX attempts_pending ON attempts (lease_until) WHERE status = 'pending';

   CREATE TABLE timeline (
     attempt_id TEXT NOT NULL,
     event_key TEXT NOT NULL,
     happened_at BIGINT NOT NULL,
     what TEXT NOT NULL,
     reason TEXT,
     PRIMARY KEY (attempt_id, event_key)
   );

   CREATE TABLE due (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     due_at BIGINT NOT NULL,
     lease_until BIGINT NOT NULL
   );
   CREATE INDEX due_by_time ON due (due_at);`,

  // Several providers: what was planned, what is kept to be sent again, what is asked of a vendor, and when a code was used.
  `ALTER TABLE deliveries ADD COLUMN plan TEXT NOT NULL DEFAULT '';
   ALTER TABLE deliveries ADD COLUMN kept_message TEXT;
   ALTER TABLE deliveries ADD COLUMN used_at BIGINT;
   CREATE INDEX deliveries_by_number ON deliveries (number_digest, id);
   CREATE INDEX deliveries_kept_message ON deliveries (expires_at) WHERE kept_message IS NOT NULL;

   ALTER TABLE attempts ADD COLUMN milliseconds BIGINT;
   ALTER TABLE attempts ADD COLUMN transaction_id TEXT;
   ALTER TABLE attempts ADD COLUMN ask_at BIGINT;
   CREATE INDEX attempts_to_ask ON attempts (ask_at) WHERE ask_at IS NOT NULL;

   CREATE TABLE due_by_kind (
     id TEXT NOT NULL,
     kind TEXT NOT NULL,
     due_at BIGINT NOT NULL,
     lease_until BIGINT NOT NULL,
     PRIMARY KEY (id, kind)
   );
   INSERT INTO due_by_kind (id, kind, due_at, lease_until) SELECT id, kind, due_at, lease_until FROM due;
   DROP TABLE due;
   ALTER TABLE due_by_kind RENAME TO due;
   CREATE INDEX due_by_kind_and_time ON due (kind, due_at);`,

  // The guard: what is counted, and what it decided.
  `ALTER TABLE deliveries ADD COLUMN area TEXT;
   ALTER TABLE deliveries ADD COLUMN block TEXT;

   CREATE TABLE budgets (
     budget_key TEXT PRIMARY KEY,
     most BIGINT NOT NULL,
     slice BIGINT NOT NULL,
     used_0 BIGINT NOT NULL,
     used_1 BIGINT NOT NULL,
     used_2 BIGINT NOT NULL,
     used_3 BIGINT NOT NULL,
     used_4 BIGINT NOT NULL,
     used_5 BIGINT NOT NULL,
     used_6 BIGINT NOT NULL,
     forget_at BIGINT NOT NULL
   );
   CREATE INDEX budgets_to_forget ON budgets (forget_at);

   CREATE TABLE decisions (
     delivery_id TEXT NOT NULL,
     rule TEXT NOT NULL,
     mode TEXT NOT NULL,
     decided_at BIGINT NOT NULL,
     PRIMARY KEY (delivery_id, rule)
   );`,

  // How much goes where, by the hour, and which ranges of numbers are shut.
  `CREATE TABLE traffic (
     traffic_key TEXT NOT NULL,
     hour BIGINT NOT NULL,
     sent BIGINT NOT NULL,
     reported BIGINT NOT NULL,
     delivered BIGINT NOT NULL,
     used BIGINT NOT NULL,
     PRIMARY KEY (traffic_key, hour)
   );
   CREATE INDEX traffic_by_hour ON traffic (hour);

   CREATE TABLE trips (
     range_key TEXT PRIMARY KEY,
     country TEXT,
     area TEXT,
     shown TEXT NOT NULL,
     cause TEXT NOT NULL,
     tripped_at BIGINT NOT NULL,
     shut_until BIGINT NOT NULL,
     trial_until BIGINT NOT NULL
   );
   CREATE INDEX trips_by_end ON trips (trial_until);
   CREATE INDEX trips_of_country ON trips (country, tripped_at);
   CREATE INDEX trips_of_area ON trips (area, tripped_at);
   CREATE INDEX trips_by_time ON trips (tripped_at);`,

  // Going on by another channel, and finding out what became of a message whose id was lost.
  `ALTER TABLE deliveries ADD COLUMN hook TEXT NOT NULL DEFAULT '';
   ALTER TABLE deliveries ADD COLUMN escalation TEXT;
   ALTER TABLE deliveries ADD COLUMN escalation_left TEXT;
   CREATE INDEX deliveries_escalation ON deliveries (expires_at) WHERE escalation IS NOT NULL;

   ALTER TABLE attempts ADD COLUMN sought TEXT;
   CREATE INDEX attempts_sought ON attempts (started_at) WHERE sought IS NOT NULL;

   CREATE TABLE keyrings (
     fingerprint TEXT PRIMARY KEY,
     seen_at BIGINT NOT NULL
   );`,

  // Codes of our own. A row of `verification_locks` is held while anything about its number changes, or its starter is counted.
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
]

/** How many of the steps a version of the gateway must know to work on the schema of this one. */
export const COMPATIBLE_FROM = 5
