-- One row per customer: all that is remembered about them, but the cases.
CREATE TABLE desk (
  customer TEXT PRIMARY KEY,
  version  INTEGER NOT NULL, -- the length of the journal
  wake     INTEGER,          -- when there will be something to do, unix ms; NULL for never
  head     TEXT    NOT NULL  -- JSON with a schema number
);
CREATE INDEX desk_wake ON desk (wake, customer) WHERE wake IS NOT NULL;

-- The open cases and those still looked after.
CREATE TABLE "case" (
  customer TEXT    NOT NULL,
  n        INTEGER NOT NULL,
  body     TEXT    NOT NULL, -- JSON
  PRIMARY KEY (customer, n)
);

-- For ever: row k tells the change k → k+1 of a desk, and whose commit it was.
CREATE TABLE journal (
  customer TEXT    NOT NULL,
  k        INTEGER NOT NULL,
  op       TEXT    NOT NULL, -- identity of the commit, for replays
  record   TEXT    NOT NULL, -- JSON, byte for byte what the chain of hashes covers
  PRIMARY KEY (customer, k)
);

-- Inputs that are known.
CREATE TABLE seen (
  customer TEXT    NOT NULL,
  input    TEXT    NOT NULL,
  until    INTEGER NOT NULL, -- unix ms
  PRIMARY KEY (customer, input)
) WITHOUT ROWID;

-- The outbox: lanes, and the letters that wait in them.
CREATE TABLE lane (
  lane    TEXT PRIMARY KEY,
  waiting INTEGER NOT NULL, -- 1 while there is a letter in it, else 0
  ready   INTEGER NOT NULL, -- not to be asked before, unix ms: spacing, backoff and lease in one number
  lease   TEXT,             -- proves the claim; NULL when nobody holds one
  leased  INTEGER           -- id of the letter that is claimed
) WITHOUT ROWID;
CREATE INDEX lane_ready ON lane (ready, lane) WHERE waiting = 1;

CREATE TABLE letter (
  id       INTEGER PRIMARY KEY, -- in the order of the commits
  lane     TEXT    NOT NULL,
  urgent   INTEGER NOT NULL,    -- 1 before 0
  customer TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  queued   INTEGER NOT NULL,    -- unix ms
  attempt  INTEGER NOT NULL DEFAULT 0,
  body     TEXT    NOT NULL     -- JSON
);
CREATE INDEX letter_next ON letter (lane, urgent DESC, id);

-- Inputs that broke a rule, for replay; the last thousand.
CREATE TABLE parked (
  id       INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  at       TEXT NOT NULL, -- RFC 3339
  act      TEXT NOT NULL,
  input    TEXT NOT NULL, -- JSON
  why      TEXT NOT NULL,
  stack    TEXT NOT NULL
);
