#!lua
-- Keeps a parked input, once, and drops the oldest beyond the limit.
-- KEYS  1 parked
-- ARGV  1 input  2 limit
-- Returns 1 kept · 2 it was kept before

if redis.call('LPOS', KEYS[1], ARGV[1], 'RANK', -1, 'MAXLEN', 100) then return 2 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
return 1
