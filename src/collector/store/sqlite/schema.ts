/** Marks the file as ours: "kusk" in ASCII. */
export const APPLICATION_ID = 0x6b75736b;

/** Increases with each change of the tables. `migrations.ts` has the way from each older one. */
export const SCHEMA_VERSION = 4;

/**
 * The tables.
 *
 * The numbers are read from `day_tally` and `gap`, so that a request for them scans few events. Both are
 * derived from the events up to `counted`; those after it are added when the numbers are read. Days are UTC days since
 * the epoch, and times are milliseconds since the epoch. Hashes are stored as their bytes.
 */
export const SCHEMA = `
  CREATE TABLE name (               -- the events of the catalogue
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    name TEXT NOT NULL,             -- properties.event
    UNIQUE (source, name)
  ) STRICT;

  CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id ANY NOT NULL UNIQUE, -- a hash as its bytes, any other id as text
    user_id BLOB NOT NULL,          -- of a machine, cluster or session
    name INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    day INTEGER NOT NULL,           -- the day that it counts for
    received_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE removed (            -- the messages of events that --keep-events has removed
    message_id ANY PRIMARY KEY      -- a late repeat of them is not counted either
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE subject (            -- on which days a machine or cluster sent an event
    name INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    days BLOB NOT NULL,             -- the first day, then a bit for each day
    PRIMARY KEY (name, user_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE day_tally (          -- the counts of one event on one day
    name INTEGER NOT NULL,
    day INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    subjects INTEGER NOT NULL,      -- how many sent it on this day
    newcomers INTEGER NOT NULL,     -- for how many of them it is the earliest day
    PRIMARY KEY (name, day)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE gap (                -- how many subjects sent an event on a day, by their day before it
    name INTEGER NOT NULL,
    day INTEGER NOT NULL,
    previous_day INTEGER NOT NULL,  -- NO_DAY if there is none
    subjects INTEGER NOT NULL,
    PRIMARY KEY (name, day, previous_day)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outcome (            -- how many events had each outcome
    name TEXT PRIMARY KEY,          -- accepted, duplicates, or the reason of a refusal
    count INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** The last event that `subject`, `day_tally` and `gap` have, in one row. Can be repeated. */
export const COUNTED = `
  CREATE TABLE IF NOT EXISTS counted (
    seq INTEGER NOT NULL
  ) STRICT;
  INSERT INTO counted
    SELECT coalesce((SELECT max(seq) FROM event), 0) WHERE NOT EXISTS (SELECT 1 FROM counted);
`;

/** Not in the version: an older one of this schema reads a file that has it. `--keep-events` looks for old events by it. */
export const INDEXES = 'CREATE INDEX IF NOT EXISTS event_received_at ON event (received_at)';
