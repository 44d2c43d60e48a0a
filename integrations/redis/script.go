package redis

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// script is one Lua file. Its contract stands in the file, above the code.
type script struct {
	name, src, sha string
}

var (
	//go:embed load.lua
	loadSrc string
	//go:embed commit.lua
	commitSrc string
	//go:embed peek.lua
	peekSrc string
	//go:embed claim.lua
	claimSrc string
	//go:embed settle.lua
	settleSrc string
	//go:embed rouse.lua
	rouseSrc string
	//go:embed prune.lua
	pruneSrc string
	//go:embed beat.lua
	beatSrc string
	//go:embed park.lua
	parkSrc string
)

var (
	loadScript   = newScript("load", loadSrc)
	commitScript = newScript("commit", commitSrc)
	peekScript   = newScript("peek", peekSrc)
	claimScript  = newScript("claim", claimSrc)
	settleScript = newScript("settle", settleSrc)
	rouseScript  = newScript("rouse", rouseSrc)
	pruneScript  = newScript("prune", pruneSrc)
	beatScript   = newScript("beat", beatSrc)
	parkScript   = newScript("park", parkSrc)

	scripts = []*script{loadScript, commitScript, peekScript, claimScript, settleScript, rouseScript, pruneScript, beatScript, parkScript}
)

func newScript(name, src string) *script {
	sum := sha1.Sum([]byte(src))
	return &script{name: name, src: src, sha: hex.EncodeToString(sum[:])}
}

// loadScripts teaches one server all scripts.
func loadScripts(ctx context.Context, c redis.Cmdable) error {
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, s := range scripts {
			p.ScriptLoad(ctx, s.src)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("loading the scripts: %w", err)
	}
	return nil
}

// call is one run of a script.
type call struct {
	script *script
	keys   []string
	args   []any

	out any
	err error
}

// cmd is the command of a call: by hash, or with the whole source for a server
// that has forgotten it.
func (c *call) cmd(ctx context.Context, whole bool) *redis.Cmd {
	args := make([]any, 0, 3+len(c.keys)+len(c.args))
	if whole {
		args = append(args, "eval", c.script.src, len(c.keys))
	} else {
		args = append(args, "evalsha", c.script.sha, len(c.keys))
	}
	for _, k := range c.keys {
		args = append(args, k)
	}
	return redis.NewCmd(ctx, append(args, c.args...)...)
}

// runAll runs calls in one pipeline and fills in what came of each. A server
// that was restarted has forgotten the scripts (NOSCRIPT, before anything ran):
// those calls are repeated with their source.
func runAll(ctx context.Context, rdb redis.UniversalClient, calls []*call) {
	forgotten := runOnce(ctx, rdb, calls, false)
	if len(forgotten) > 0 {
		runOnce(ctx, rdb, forgotten, true)
	}
}

func runOnce(ctx context.Context, rdb redis.UniversalClient, calls []*call, whole bool) (forgotten []*call) {
	cmds := make([]*redis.Cmd, len(calls))
	if len(calls) == 1 {
		cmds[0] = calls[0].cmd(ctx, whole)
		_ = rdb.Process(ctx, cmds[0]) // the error stays with the command
	} else {
		pipe := rdb.Pipeline()
		for i, c := range calls {
			cmds[i] = c.cmd(ctx, whole)
			_ = pipe.Process(ctx, cmds[i])
		}
		_, _ = pipe.Exec(ctx)
	}
	for i, c := range calls {
		c.out, c.err = cmds[i].Result()
		if redis.HasErrorPrefix(c.err, "NOSCRIPT") {
			forgotten = append(forgotten, c)
		}
	}
	return forgotten
}

// The shapes of replies. A reply of another shape is an error, not a panic:
// somebody else may have put a server behind the address.

func asInt(v any) (int64, error) {
	if n, ok := v.(int64); ok {
		return n, nil
	}
	return 0, fmt.Errorf("the script answered %T where a number was expected", v)
}

func asList(v any) ([]any, error) {
	if l, ok := v.([]any); ok {
		return l, nil
	}
	return nil, fmt.Errorf("the script answered %T where a list was expected", v)
}

func asString(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", fmt.Errorf("the script answered %T where a text was expected", v)
}
