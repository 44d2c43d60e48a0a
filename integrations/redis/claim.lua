#!lua flags=allow-oom
-- Leases the head of one lane, urgent before normal. Allowed when memory is
-- short: telling frees it. Puts right what ready does not bear out in hot.
-- KEYS  1 ready  2 held  3 urgent list  4 normal list  5 hot
-- ARGV  1 floor  2 lane  3 lease in ms  4 token of this claim
-- Returns {now, 'u' or 'n', attempt, letter}, or {now} when the lane is empty, rests or is leased;
--         the same answer again when this very claim is repeated

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
local lane = ARGV[2]
local urgent, normal = 0, 0
redis.call('ZSCORE', KEYS[5], lane)
local h = redis.call('HGET', KEYS[2], lane)
if h then
  local _, token, list, u, n = string.match(h, '^(%d+)|([^|]*)|([un]?)|(%d+)|(%d+)$')
  urgent, normal = tonumber(u), tonumber(n)
  if token == ARGV[4] then
    if list == 'u' then return {now, 'u', urgent, redis.call('LINDEX', KEYS[3], 0)} end
    return {now, 'n', normal, redis.call('LINDEX', KEYS[4], 0)}
  end
end

local score = redis.call('ZSCORE', KEYS[1], lane)
if not score or tonumber(score) > now then
  if score and redis.call('LLEN', KEYS[3]) > 0 then
    redis.call('ZADD', KEYS[5], score, lane)
  else
    redis.call('ZREM', KEYS[5], lane)
  end
  return {now}
end
local list, attempt = 'u', urgent + 1
local letter = redis.call('LINDEX', KEYS[3], 0)
if letter then
  urgent = attempt
else
  list, attempt = 'n', normal + 1
  normal = attempt
  letter = redis.call('LINDEX', KEYS[4], 0)
end
if not letter then -- somebody deleted the lists by hand
  redis.call('ZREM', KEYS[1], lane)
  redis.call('ZREM', KEYS[5], lane)
  redis.call('HDEL', KEYS[2], lane)
  return {now}
end

local rest = string.format('%.0f', now + tonumber(ARGV[3]))
redis.call('ZADD', KEYS[1], rest, lane)
if list == 'u' then
  redis.call('ZADD', KEYS[5], rest, lane)
else
  redis.call('ZREM', KEYS[5], lane)
end
redis.call('HSET', KEYS[2], lane, rest .. '|' .. ARGV[4] .. '|' .. list .. '|' .. urgent .. '|' .. normal)
return {now, list, attempt, letter}
