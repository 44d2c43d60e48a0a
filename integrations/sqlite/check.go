package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// maxFaults is how many faults of one kind Check names.
const maxFaults = 10

// Check reads the whole file and proves that it is sound: the pages, and what
// must hold between the tables. The error names everything that does not (of
// each kind the first ten). It takes about a second per 100 MB; the store goes
// on meanwhile.
func (s *Store) Check(ctx context.Context) error {
	var errs []error
	find := func(what, query string) {
		rows, err := s.readers.QueryContext(ctx, query, maxFaults)
		if err != nil {
			errs = append(errs, s.explain("check", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				errs = append(errs, s.explain("check", err))
				return
			}
			errs = append(errs, fmt.Errorf("store %s: "+what, s.path, name))
		}
		if err := rows.Err(); err != nil {
			errs = append(errs, s.explain("check", err))
		}
	}
	errs = append(errs, s.checkPages(ctx))
	find("the version of %s is not the length of its journal", `SELECT customer FROM desk
		WHERE version <> (SELECT count(*) FROM journal j WHERE j.customer = desk.customer) LIMIT ?`)
	find("the journal of %s has no desk", "SELECT DISTINCT customer FROM journal WHERE customer NOT IN (SELECT customer FROM desk) LIMIT ?")
	find("a case of %s has no desk", `SELECT DISTINCT customer FROM "case" WHERE customer NOT IN (SELECT customer FROM desk) LIMIT ?`)
	find("letters of lane %s are not offered", "SELECT DISTINCT lane FROM letter WHERE lane NOT IN (SELECT lane FROM lane WHERE waiting = 1) LIMIT ?")
	find("lane %s waits with no letter in it", "SELECT lane FROM lane WHERE waiting = 1 AND lane NOT IN (SELECT lane FROM letter) LIMIT ?")
	find("lane %s is preferred without an urgent letter in it, or is not preferred with one", `SELECT lane FROM lane
		WHERE urgent <> EXISTS (SELECT 1 FROM letter WHERE letter.lane = lane.lane AND letter.urgent = 1) LIMIT ?`)
	return errors.Join(errs...)
}

// checkPages has SQLite look at every page.
func (s *Store) checkPages(ctx context.Context) error {
	rows, err := s.readers.QueryContext(ctx, fmt.Sprintf("PRAGMA quick_check(%d)", maxFaults))
	if err != nil {
		return s.explain("check", err)
	}
	defer rows.Close()
	var errs []error
	for rows.Next() {
		var said sql.NullString
		if err := rows.Scan(&said); err != nil {
			return s.explain("check", err)
		}
		if said.String != "ok" {
			errs = append(errs, fmt.Errorf("store %s: damaged: %s; keep a copy and restore a backup", s.path, said.String))
		}
	}
	if err := rows.Err(); err != nil {
		errs = append(errs, s.explain("check", err))
	}
	return errors.Join(errs...)
}
