/** Messages, their attempts and what became of them. */
export const MESSAGES =
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
   CREATE INDEX due_by_time ON due (due_at);`
