/**
 * What happens, for those who look on: a page of facts a row, numbered without a gap; who reads them how far; what
 * hooks were asked and answered; how much went how, by the minute and by the hour; and which of this was written lately.
 */
export const LIVE = `
  ALTER TABLE deliveries ADD COLUMN trace TEXT;
  ALTER TABLE deliveries ADD COLUMN user_digest TEXT;
  ALTER TABLE attempts ADD COLUMN delivered_at BIGINT;
  CREATE INDEX attempts_by_transaction ON attempts (transaction_id) WHERE transaction_id IS NOT NULL;
  CREATE INDEX deliveries_by_user ON deliveries (user_digest, id) WHERE user_digest IS NOT NULL;

  CREATE TABLE feed (
    id BIGINT PRIMARY KEY,
    written_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    entries TEXT NOT NULL
  );
  CREATE TABLE feed_head (
    name TEXT PRIMARY KEY,
    last_id BIGINT NOT NULL
  );
  INSERT INTO feed_head (name, last_id) VALUES ('feed', 0);
  CREATE TABLE feed_readers (
    reader TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    retry_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    holder TEXT
  );
  CREATE TABLE batches (
    batch_key TEXT PRIMARY KEY,
    writer TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    page BIGINT
  );
  CREATE INDEX batches_by_time ON batches (written_at);

  CREATE TABLE exchanges (
    id TEXT PRIMARY KEY,
    delivery_id TEXT,
    hook TEXT NOT NULL,
    status BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    request TEXT NOT NULL,
    reply TEXT,
    sealed TEXT,
    sealed_until BIGINT,
    happened_at BIGINT NOT NULL
  );
  CREATE INDEX exchanges_of_delivery ON exchanges (delivery_id) WHERE delivery_id IS NOT NULL;
  CREATE INDEX exchanges_sealed ON exchanges (sealed_until) WHERE sealed IS NOT NULL;
  CREATE INDEX exchanges_by_time ON exchanges (happened_at);

  CREATE TABLE statistics (
    grain TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    provider TEXT NOT NULL,
    channel TEXT NOT NULL,
    country TEXT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    undelivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    used BIGINT NOT NULL,
    within_0 BIGINT NOT NULL,
    within_1 BIGINT NOT NULL,
    within_2 BIGINT NOT NULL,
    within_3 BIGINT NOT NULL,
    within_4 BIGINT NOT NULL,
    within_5 BIGINT NOT NULL,
    within_6 BIGINT NOT NULL,
    within_7 BIGINT NOT NULL,
    within_8 BIGINT NOT NULL,
    within_9 BIGINT NOT NULL,
    within_10 BIGINT NOT NULL,
    within_11 BIGINT NOT NULL,
    PRIMARY KEY (grain, bucket, provider, channel, country)
  );`
