package redis

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// The limits of what names a key.
const (
	defaultShards = 16
	maxShards     = 999
	maxName       = 512 // bytes of a customer, op, input or lane; keys are held in memory
)

// names makes the keys of one store.
type names struct {
	tags  []string // "<prefix>{s00}:" …
	start string   // the prefix alone, for channels
}

func newNames(prefix string, shards int) names {
	n := names{start: prefix}
	for i := range shards {
		n.tags = append(n.tags, fmt.Sprintf("%s{s%02d}:", prefix, i))
	}
	return n
}

// shard is the home of a customer: FNV-1a, 32 bits, modulo the shards. It is
// part of the stored form and must never change.
func (n names) shard(customer string) int {
	h := fnv.New32a()
	h.Write([]byte(customer))
	return int(h.Sum32() % uint32(len(n.tags)))
}

func (n names) desk(shard int, customer string) string {
	return n.tags[shard] + "desk:" + customer
}

func (n names) journal(shard int, customer string) string {
	return n.tags[shard] + "journal:" + customer
}

func (n names) seen(shard int, customer, input string) string {
	return n.tags[shard] + "seen:" + noColon.Replace(customer) + ":" + input
}

// noColon keeps "a:b" + "c" apart from "a" + "b:c".
var noColon = strings.NewReplacer("%", "%25", ":", "%3A")

func (n names) lane(shard int, lane string, urgent bool) string {
	if urgent {
		return n.tags[shard] + "urgent:" + lane
	}
	return n.tags[shard] + "out:" + lane
}

func (n names) wakes(shard int) string { return n.tags[shard] + "wakes" }
func (n names) ready(shard int) string { return n.tags[shard] + "ready" }
func (n names) hot(shard int) string   { return n.tags[shard] + "hot" }
func (n names) held(shard int) string  { return n.tags[shard] + "held" }

// What is there once lives in shard 0.
func (n names) replicas() string        { return n.tags[0] + "replicas" }
func (n names) parked() string          { return n.tags[0] + "parked" }
func (n names) memo(name string) string { return n.tags[0] + "memo:" + name }
func (n names) sum(name string) string  { return n.tags[0] + "sum:" + name }
func (n names) turn(job string) string  { return n.tags[0] + "turn:" + job }

// meta is asked before the number of shards is known.
func metaKey(prefix string) string { return prefix + "{s00}:meta" }

// channel carries the nudges.
func (n names) channel() string { return n.start + "butler:nudge" }

// badName says what is wrong with a name that becomes part of a key, or "".
func badName(what, s string) string {
	switch {
	case s == "":
		return "it has no " + what
	case len(s) > maxName:
		return fmt.Sprintf("its %s is %d bytes long; at most %d are kept", what, len(s), maxName)
	}
	return ""
}
