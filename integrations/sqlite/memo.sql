-- Short texts that belong to no customer, by name.
CREATE TABLE memo (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
) WITHOUT ROWID;
