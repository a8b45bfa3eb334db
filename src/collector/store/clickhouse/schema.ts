/** Increases with each change of the tables. */
export const SCHEMA_VERSION = 1;

/** The version of a row that is inserted now. Microseconds are subtracted, so that the first row wins. */
export const VERSION_NOW = '9000000000000000000 - toUnixTimestamp64Micro(now64(6))';

/** The version of a row that takes the place of a removed event. It wins over all others. */
export const VERSION_REMOVED = '18000000000000000000';

/**
 * Indexes of `event`, by name. Not in the version: an older one of this schema works with a table that has them.
 *
 * Both let new events be counted without a look at all old ones: parts that have been merged long ago have no new version, and few
 * granules have a certain user.
 */
export const INDEXES: Readonly<Record<string, string>> = {
  by_version: 'version TYPE minmax GRANULARITY 1',
  by_user: 'user_id TYPE bloom_filter(0.01) GRANULARITY 1',
};

/**
 * The statements that lead from each version to the next. Each can be repeated, because ClickHouse has no
 * transactions: replicas that start together run them at the same time.
 *
 * - `event` has one row for each insert of a message. ClickHouse merges rows of one `message_id` and keeps the
 *   one with the highest `version`, which is the first one that it received. `FINAL` does the same for rows that are
 *   not merged yet.
 * - Ids are written as hex and stored as bytes, in half the space.
 * - An insert is on the disk before it is acknowledged.
 */
export const MIGRATIONS: Readonly<Record<number, (database: string) => readonly string[]>> = {
  0: (database) => [
    `CREATE TABLE IF NOT EXISTS ${database}.event (
      message_hex String EPHEMERAL '',
      user_hex String EPHEMERAL '',
      message_id String DEFAULT unhex(message_hex) CODEC(LZ4),
      user_id String DEFAULT unhex(user_hex),
      source LowCardinality(String),
      name LowCardinality(String),
      timestamp Int64,
      day Int32,
      received_at Int64,
      removed UInt8 DEFAULT 0,
      version UInt64 DEFAULT ${VERSION_NOW}
    ) ENGINE = ReplacingMergeTree(version) ORDER BY message_id
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS ${database}.activity (
      source LowCardinality(String),
      name LowCardinality(String),
      user_id String,
      day Int32
    ) ENGINE = ReplacingMergeTree ORDER BY (source, name, user_id, day)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS ${database}.outcome (
      name LowCardinality(String),
      count UInt64
    ) ENGINE = SummingMergeTree ORDER BY name
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
