package redis

import (
	"context"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest/storetest"
)

// The suite that defines a store, on one server that syncs every write, through
// a proxy that loses replies, with restarts.
func TestStore(t *testing.T) {
	srv := startServer(t)
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		p := startProxy(t, srv.addr())
		prefix := freshPrefix()
		return storetest.Harness{
			Open:   func(t testing.TB) bot.Store { return open(t, p.url(), Options{Prefix: prefix, patient: true}) },
			Pass:   time.Sleep,
			Shared: true,
			Plant:  func(t testing.TB, customer string, head []byte) { plant(t, srv, prefix, customer, head) },
			Lose: func(op string) {
				switch op {
				case "Commit":
					p.loseReplies(commitScript.sha, 1)
				case "Settle":
					p.loseReplies(settleScript.sha, 1)
				case "Claim": // and all three times that the client repeats it
					p.loseReplies(claimScript.sha, 4)
				}
			},
			Restart: func(t testing.TB) { srv.kill(); srv.start() },
		}
	})
}

// The same suite on a Cluster of three nodes.
func TestStoreOnCluster(t *testing.T) {
	nodes := startCluster(t, false)
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		prefix := freshPrefix()
		return storetest.Harness{
			Open: func(t testing.TB) bot.Store {
				return open(t, clusterURL(nodes), Options{Prefix: prefix, patient: true})
			},
			Pass:   time.Sleep,
			Shared: true,
		}
	})
}

func plant(t testing.TB, srv *server, prefix, customer string, head []byte) {
	t.Helper()
	c := srv.client()
	defer c.Close()
	ctx, n := context.Background(), newNames(prefix, defaultShards)
	shard := n.shard(customer)
	if err := c.HSet(ctx, n.desk(shard, customer), "v", 1, "head", head).Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.RPush(ctx, n.journal(shard, customer), "7\nplanted{}").Err(); err != nil {
		t.Fatal(err)
	}
}
