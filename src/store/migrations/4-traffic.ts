/** How much goes where, by the hour, and which ranges of numbers are shut. */
export const TRAFFIC =
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
   CREATE INDEX trips_by_time ON trips (tripped_at);`
