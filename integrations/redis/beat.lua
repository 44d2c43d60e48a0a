#!lua flags=allow-oom
-- Says that a process lives, and asks who else does.
-- KEYS  1 replicas
-- ARGV  1 floor  2 id of the process  3 how long a beat counts, ms
-- Returns the ids of the live processes

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
