#!lua flags=no-writes
-- Reads a desk with the time, in one trip.
-- KEYS  1 desk
-- ARGV  1 floor: the latest time this process has seen, unix ms
-- Returns {now in unix ms, {field, value, …}}; the list is empty for an unknown customer

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
return {now, redis.call('HGETALL', KEYS[1])}
