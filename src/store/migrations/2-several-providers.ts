/**
 * Several providers: what was planned, what is kept to be sent again, what is asked of a vendor, and when a code
 * was used.
 */
export const SEVERAL_PROVIDERS =
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
   CREATE INDEX due_by_kind_and_time ON due (kind, due_at);`
