#!lua flags=allow-oom
-- Ends the rest of a lane in which letters wait. One that is leased stays as it is.
-- KEYS  1 ready  2 held  3 urgent list  4 normal list  5 hot
-- ARGV  1 floor  2 lane
-- Returns 1 it is offered now · 0 nothing waits, nothing rests, or it is leased

local h = redis.call('HGET', KEYS[2], ARGV[2])
if not h then return 0 end
local _, token, _, urgent, normal = string.match(h, '^(%d+)|([^|]*)|([un]?)|(%d+)|(%d+)$')
if token ~= '' then return 0 end
redis.call('ZSCORE', KEYS[5], ARGV[2])

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
local score = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not score or tonumber(score) <= now then return 0 end
local at = string.format('%.0f', now)
redis.call('ZADD', KEYS[1], 'XX', at, ARGV[2])
redis.call('ZADD', KEYS[5], 'XX', at, ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], at .. '|||' .. urgent .. '|' .. normal)
return 1
