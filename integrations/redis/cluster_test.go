package redis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startCluster starts three masters, and a replica of the first when asked, and
// waits until they agree.
func startCluster(tb testing.TB, withReplica bool) []*server {
	tb.Helper()
	count := 3
	if withReplica {
		count++
	}
	var nodes []*server
	for range count {
		nodes = append(nodes, startServer(tb, "--cluster-enabled", "yes", "--cluster-node-timeout", "700", "--cluster-port", strconv.Itoa(freePort(tb)),
			"--cluster-config-file", "nodes.conf", "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0",
			"--appendfsync", "no")) // the disk is not what these tests are about
	}
	ctx := context.Background()
	for i, n := range nodes {
		c := n.client()
		defer c.Close()
		if i < 3 {
			if err := c.ClusterAddSlotsRange(ctx, i*16384/3, (i+1)*16384/3-1).Err(); err != nil {
				tb.Fatal(err)
			}
			_ = c.Do(ctx, "cluster", "set-config-epoch", i+1).Err()
		}
		if i > 0 {
			first := nodes[0]
			bus := first.args[indexOf(first.args, "--cluster-port")+1]
			if err := c.Do(ctx, "cluster", "meet", "127.0.0.1", first.port, bus).Err(); err != nil {
				tb.Fatal(err)
			}
		}
	}
	for _, n := range nodes {
		c := n.client()
		defer c.Close()
		eventually(tb, 20*time.Second, "the cluster agrees", func() error {
			info, err := c.ClusterInfo(ctx).Result()
			if err != nil {
				return err
			}
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", count)) || !strings.Contains(info, "cluster_size:3") {
				return errors.New(info)
			}
			return nil
		})
	}
	if withReplica {
		a, b := nodes[0].client(), nodes[3].client()
		defer a.Close()
		defer b.Close()
		id, err := a.Do(ctx, "cluster", "myid").Text()
		if err != nil {
			tb.Fatal(err)
		}
		eventually(tb, 20*time.Second, "the replica follows", func() error { return b.ClusterReplicate(ctx, id).Err() })
		eventually(tb, 20*time.Second, "the replica is in step", func() error {
			info, err := b.Info(ctx, "replication").Result()
			if err == nil && !strings.Contains(info, "master_link_status:up") {
				err = errors.New("the link is down")
			}
			return err
		})
	}
	return nodes
}

func indexOf(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	panic("no " + s)
}

func clusterURL(nodes []*server) string {
	var hosts []string
	for _, n := range nodes {
		hosts = append(hosts, n.addr())
	}
	return "redis+cluster://" + strings.Join(hosts, ",")
}

// startSentinel starts a master, a replica and a sentinel that watches them.
func startSentinel(tb testing.TB) (master, replica *server, url string) {
	tb.Helper()
	master = startServer(tb, "--repl-diskless-sync-delay", "0")
	replica = startServer(tb, "--replicaof", "127.0.0.1 "+strconv.Itoa(master.port))
	dir, port := tempDir(tb), freePort(tb)
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor house 127.0.0.1 %d 1\nsentinel down-after-milliseconds house 400\nsentinel failover-timeout house 3000\n",
		port, dir, filepath.Join(dir, "log"), master.port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(needRedis(tb), conf, "--sentinel")
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ctx := context.Background()
	c := redis.NewSentinelClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(port), MaxRetries: -1, Protocol: 2})
	defer c.Close()
	eventually(tb, 20*time.Second, "the sentinel knows the replica", func() error {
		list, err := c.Replicas(ctx, "house").Result()
		if err == nil && (len(list) != 1 || list[0]["master-link-status"] != "ok") {
			err = fmt.Errorf("%v", list)
		}
		return err
	})
	return master, replica, fmt.Sprintf("redis+sentinel://127.0.0.1:%d/house", port)
}
