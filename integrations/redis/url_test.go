package redis

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseURL(t *testing.T) {
	for url, want := range map[string]place{
		"redis://localhost":                     {hosts: []string{"localhost:6379"}},
		"redis://127.0.0.1:7000/":               {hosts: []string{"127.0.0.1:7000"}},
		"redis://user:p%40ss@host:6379/3":       {hosts: []string{"host:6379"}, user: "user", password: "p@ss", db: 3},
		"redis://:p@ss@host":                    {hosts: []string{"host:6379"}, password: "p@ss"},
		"rediss://[::1]:6380/1":                 {hosts: []string{"[::1]:6380"}, tls: true, db: 1},
		"redis+cluster://h1,h2:7001,h3":         {kind: "cluster", hosts: []string{"h1:6379", "h2:7001", "h3:6379"}},
		"rediss+cluster://u:p@h1:1/0":           {kind: "cluster", tls: true, hosts: []string{"h1:1"}, user: "u", password: "p"},
		"redis+sentinel://u:p@h1,h2:1/master":   {kind: "sentinel", hosts: []string{"h1:26379", "h2:1"}, user: "u", password: "p", master: "master"},
		"redis+sentinel://h1:26379/my-master/2": {kind: "sentinel", hosts: []string{"h1:26379"}, master: "my-master", db: 2},
	} {
		got, err := parseURL(url)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %+v, %v; want %+v", url, got, err, want)
		}
	}
	for url, want := range map[string]string{
		"":                                "redis://",
		"localhost:6379":                  "redis://",
		"http://localhost":                "redis://",
		"redis://":                        "no host:port",
		"redis://u:secret@h:99999":        "no host:port",
		"redis://u:secret@h1,h2":          "redis+cluster://",
		"redis://u:secret@h/x":            "no database",
		"redis://u:secret@h/-1":           "no database",
		"redis://u:secret@h?db=1":         "no options",
		"redis://u:secret%zz@h":           "%25",
		"redis+cluster://u:secret@h/1":    "no database but 0",
		"redis+sentinel://u:secret@h1,h2": "name of the master",
	} {
		_, err := parseURL(url)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
	}
	_, err := parseURL("redis://u:secret@h1:0/x?y")
	for _, want := range []string{"no host:port", "no database", "no options"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("three faults at once: %v, want %q in it", err, want)
		}
	}
}

func TestServerProblems(t *testing.T) {
	for name, c := range map[string]struct {
		info map[string]string
		kind string
		want string
	}{
		"fine":     {map[string]string{"redis_version": "7.0.15", "maxmemory_policy": "noeviction", "role": "master", "cluster_enabled": "0"}, "", ""},
		"old":      {map[string]string{"redis_version": "6.2.14"}, "", "7.0"},
		"next":     {map[string]string{"redis_version": "10.1"}, "", ""},
		"evicting": {map[string]string{"maxmemory_policy": "volatile-lru"}, "", "noeviction"},
		"replica":  {map[string]string{"role": "slave", "master_host": "h", "master_port": "1"}, "", "h:1"},
		"cluster":  {map[string]string{"cluster_enabled": "1"}, "", "redis+cluster://"},
		"cluster2": {map[string]string{"cluster_enabled": "1"}, "cluster", ""},
	} {
		got := strings.Join(problems(c.info, c.kind), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		info map[string]string
		want string
	}{
		"always":    {map[string]string{"appendonly": "yes", "appendfsync": "always"}, ""},
		"everysec":  {map[string]string{"appendonly": "yes", "appendfsync": "everysec"}, "everysec"},
		"none":      {map[string]string{"appendonly": "no", "appendfsync": "always"}, "no append-only file"},
		"forbidden": {map[string]string{"aof_enabled": "1"}, "forbids CONFIG"},
		"both":      {map[string]string{"aof_enabled": "0"}, "no append-only file"},
	} {
		got := strings.Join(doubts(c.info), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	now := time.Now()
	for ahead, want := range map[time.Duration]string{0: "", time.Second: "", 3 * time.Second: "3s ahead", -3 * time.Second: "3s behind"} {
		if got := skew(now.Add(ahead), now, now); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("a clock off by %v: %q, want %q", ahead, got, want)
		}
	}
}

func TestOpenRefusesAndWarns(t *testing.T) {
	srv := startServer(t, "--appendfsync", "everysec")
	raw := srv.client()
	defer raw.Close()
	refused := func(what, url string, o Options, want string) {
		t.Helper()
		s, err := Open(ctx, url, o)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", what, err, want)
		}
	}
	s := open(t, srv.url(), Options{Shards: 3})
	if w := strings.Join(s.Warnings(), "\n"); !strings.Contains(w, "everysec") || len(s.Warnings()) != 1 {
		t.Errorf("warnings %q", w)
	}
	refused("another number of shards", srv.url(), Options{Shards: 4}, "3 shards")
	if again := open(t, srv.url(), Options{}); len(again.names.tags) != 3 {
		t.Errorf("%d shards where 3 were set", len(again.names.tags))
	}
	refused("a prefix with braces", srv.url(), Options{Prefix: "{x}"}, "braces")
	refused("a thousand shards", srv.url(), Options{Prefix: "x:", Shards: 1000}, "999")
	refused("no server", "redis://127.0.0.1:1", Options{}, "127.0.0.1:1")
	refused("a Cluster that is none", "redis+cluster://"+srv.addr(), Options{}, "no Cluster")

	raw.ConfigSet(ctx, "maxmemory-policy", "allkeys-lru")
	refused("an evicting server", srv.url(), Options{}, "noeviction")
	raw.ConfigSet(ctx, "maxmemory-policy", "noeviction")

	// A managed server: no CONFIG.
	if err := raw.Do(ctx, "ACL", "SETUSER", "butler", "on", ">pw", "~*", "&*", "+@all", "-config").Err(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "redis://butler:pw@"+srv.addr(), Options{})
	if w := strings.Join(s.Warnings(), "\n"); !strings.Contains(w, "forbids CONFIG") {
		t.Errorf("warnings without CONFIG: %q", w)
	}
	mustCommit(t, s, "acme", 0, time.Time{})
	refused("a wrong password", "redis://butler:wrong@"+srv.addr(), Options{}, "WRONGPASS")

	raw.HSet(ctx, metaKey(""), "format", format+1)
	refused("a newer layout", srv.url(), Options{}, "newer butler")
}
