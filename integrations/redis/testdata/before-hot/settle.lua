#!lua flags=allow-oom
-- Says what became of a claimed letter.
-- KEYS  1 ready  2 held  3 urgent list  4 normal list
-- ARGV  1 floor  2 lane  3 token of the claim  4 '1' when the letter leaves the lane  5 rest in ms
-- Returns the time until which the lane rests, unix ms · 0 when the claim is no longer ours

local h = redis.call('HGET', KEYS[2], ARGV[2])
if not h then return 0 end
local _, token, list, urgent, normal = string.match(h, '^(%d+)|([^|]*)|([un]?)|(%d+)|(%d+)$')
if token ~= ARGV[3] or token == '' then return 0 end
local key = list == 'u' and KEYS[3] or KEYS[4]
local left = redis.call('LLEN', KEYS[3]) + redis.call('LLEN', KEYS[4])
redis.call('ZSCORE', KEYS[1], ARGV[2])

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
local rest = string.format('%.0f', now + tonumber(ARGV[5]))
if ARGV[4] == '1' then
  if redis.call('LPOP', key) then left = left - 1 end
  if list == 'u' then urgent = 0 else normal = 0 end
end
if left > 0 then
  redis.call('ZADD', KEYS[1], rest, ARGV[2])
else
  redis.call('ZREM', KEYS[1], ARGV[2])
end
if left == 0 and ARGV[5] == '0' then
  redis.call('HDEL', KEYS[2], ARGV[2])
else -- an empty lane that rests is remembered here until Prune
  redis.call('HSET', KEYS[2], ARGV[2], rest .. '|||' .. urgent .. '|' .. normal)
end
return tonumber(rest)
