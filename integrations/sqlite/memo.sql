-- Short texts that belong to no customer, by name.
CREATE TABLE memo (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
) WITHOUT ROWID;

-- Numbers that belong to no customer, by name.
CREATE TABLE sum (
  name TEXT    PRIMARY KEY,
  n    INTEGER NOT NULL
) WITHOUT ROWID;
