/** Marks the file as ours: "kusk" in ASCII. */
export const APPLICATION_ID = 0x6b75736b;

/** Increases with each change of the tables. */
export const SCHEMA_VERSION = 1;

/**
 * The tables.
 *
 * `event` is the source of truth: it has each message once, for ever. The numbers are read from
 * `subject` and `tally`, so that a request for them scans no events. Both are derived from `event` and
 * written in the same transaction.
 */
export const SCHEMA = `
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,          -- of a machine, cluster or session: a hash
    source TEXT NOT NULL,
    name TEXT NOT NULL,             -- properties.event
    timestamp TEXT NOT NULL,
    day TEXT NOT NULL,              -- the UTC day that it counts for
    received_at INTEGER NOT NULL    -- milliseconds since the epoch
  ) STRICT;
  CREATE INDEX event_by_day ON event (source, name, day, user_id);

  CREATE TABLE subject (            -- who sent an event, and its earliest day
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    first_day TEXT NOT NULL,
    PRIMARY KEY (source, name, user_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (              -- the counts of one event on one day
    day TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    messages INTEGER NOT NULL,
    subjects INTEGER NOT NULL,      -- how many sent it on this day
    newcomers INTEGER NOT NULL,     -- for how many of them it is the earliest day
    PRIMARY KEY (day, source, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outcome (            -- how many events had each outcome
    name TEXT PRIMARY KEY,          -- accepted, duplicates, or the reason of a refusal
    count INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
