/** The guard: what is counted, and what it decided. */
export const GUARD =
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
   );`
