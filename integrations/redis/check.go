package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// check looks at every server that holds keys. What would lose customers' cases
// is refused; what may lose a second of them is a warning.
func (s *Store) check(ctx context.Context) error {
	var (
		mu   sync.Mutex
		errs []error
	)
	look := func(ctx context.Context, c *redis.Client) error {
		warnings, err := checkServer(ctx, c, s.place.kind)
		mu.Lock()
		defer mu.Unlock()
		s.warnings = append(s.warnings, warnings...)
		errs = append(errs, err)
		return nil
	}
	if err := s.eachMaster(ctx, look); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// eachMaster calls do for every server that takes writes.
func (s *Store) eachMaster(ctx context.Context, do func(context.Context, *redis.Client) error) error {
	switch c := s.rdb.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, do)
	case *redis.Client:
		return do(ctx, c)
	}
	return fmt.Errorf("unknown client %T", s.rdb)
}

// checkServer asks one server what it is. An answer that it is not allowed to
// give becomes a warning: managed servers often forbid CONFIG.
func checkServer(ctx context.Context, c *redis.Client, kind string) (warnings []string, err error) {
	at := "redis at " + c.Options().Addr
	text, err := c.Info(ctx).Result()
	if err != nil {
		if !forbidden(err) {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		warnings = append(warnings, at+" forbids INFO, so its version, memory policy and durability could not be checked")
		text = ""
	}
	info := readInfo(text)
	var errs []error
	for _, problem := range problems(info, kind) {
		errs = append(errs, errors.New(at+" "+problem))
	}

	conf, err := c.ConfigGet(ctx, "append*").Result()
	switch {
	case err == nil:
		info["appendonly"], info["appendfsync"] = conf["appendonly"], conf["appendfsync"]
	case !forbidden(err):
		errs = append(errs, fmt.Errorf("%s: %w", at, err))
	}
	for _, w := range doubts(info) {
		warnings = append(warnings, at+" "+w)
	}

	before := time.Now()
	now, err := c.Time(ctx).Result()
	if err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", at, err))
	} else if w := skew(now, before, time.Now()); w != "" {
		warnings = append(warnings, at+" "+w)
	}
	return warnings, errors.Join(errs...)
}

func forbidden(err error) bool {
	s := err.Error()
	return strings.HasPrefix(s, "NOPERM") || strings.HasPrefix(s, "ERR unknown command")
}

func readInfo(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[k] = v
		}
	}
	return info
}

// problems says why a server cannot hold the store, each with the way out. An
// entry that is missing is no problem.
func problems(info map[string]string, kind string) (out []string) {
	if v := info["redis_version"]; v != "" {
		major, _, _ := strings.Cut(v, ".")
		if n, err := strconv.Atoi(major); err == nil && n < 7 {
			out = append(out, "is version "+v+"; butler needs 7.0 or newer")
		}
	}
	if p := info["maxmemory_policy"]; p != "" && p != "noeviction" {
		out = append(out, "has maxmemory-policy "+p+", which throws cases away when memory is short; set it to noeviction")
	}
	if info["role"] == "slave" {
		out = append(out, "is a replica of "+info["master_host"]+":"+info["master_port"]+"; name the master, or use redis+sentinel://")
	}
	if info["cluster_enabled"] == "1" && kind != "cluster" {
		out = append(out, "is part of a Cluster; write redis+cluster://")
	}
	return out
}

// doubts says what may lose acknowledged commits.
func doubts(info map[string]string) (out []string) {
	const advice = "set appendonly yes and appendfsync always"
	switch {
	case info["appendonly"] == "no" || info["aof_enabled"] == "0":
		out = append(out, "keeps no append-only file: a restart loses all since the last snapshot; "+advice)
	case info["appendonly"] == "":
		out = append(out, "forbids CONFIG, so its durability could not be checked; "+advice)
	case info["appendfsync"] != "always":
		out = append(out, "has appendfsync "+info["appendfsync"]+": its crash may lose commits that were acknowledged; "+advice)
	}
	return out
}

// skew says how far the server's clock is from ours, when that is more than a
// second and more than the question took.
func skew(server, before, after time.Time) string {
	switch {
	case server.Sub(after) > time.Second:
		return fmt.Sprintf("has a clock %s ahead of this host; the store's clock is what counts", server.Sub(after).Round(100*time.Millisecond))
	case before.Sub(server) > time.Second:
		return fmt.Sprintf("has a clock %s behind this host; the store's clock is what counts", before.Sub(server).Round(100*time.Millisecond))
	}
	return ""
}
