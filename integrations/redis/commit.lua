#!lua
-- Writes one change of a desk, or nothing.
-- KEYS  1 desk  2 journal  3 wakes  4 ready  5 held  6 seen-mark (the desk again when there is none)
--       7 hot  8… one outbox list for each group of letters
-- ARGV  1 version that was loaded  2 op with its length before it  3 record, which begins with 2  4 customer  5 wake in unix ms, 0 for none
--       6 floor  7 life of the seen-mark in ms, 0 for none
--       8 n, then n fields and values of the desk   then m, then m fields to remove
--       then for each list: lane, '1' when it is the urgent one, count, letters
-- Returns the time of the commit in unix ms
--         0 the desk has moved · 2 already applied (this op) · 3 the input is known
--         an error, with nothing written, when a key is not what it should be

local want, op = tonumber(ARGV[1]), ARGV[2]
local desk, journal, wakes, ready, held, seen, hot = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]

-- Check. Each read also fails on a key of the wrong type; the desk itself is
-- checked by the first write.
local n = redis.call('LLEN', journal)
if n > want then
  if string.sub(redis.call('LINDEX', journal, want), 1, #op) == op then return 2 end
end
local marked = ARGV[7] ~= '0'
if marked and redis.call('GET', seen) then return 3 end
if n ~= want then
  local v = redis.call('HGET', desk, 'v') or '0'
  if tonumber(v) == n then return 0 end
  return redis.error_reply('DAMAGED the desk is at version ' .. v .. ' and its journal has ' .. n .. ' records')
end
redis.call('ZSCORE', wakes, ARGV[4])
redis.call('ZSCORE', hot, ARGV[4])

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[6]))

local fields = 9 + tonumber(ARGV[8])
local gone = fields + 1 + tonumber(ARGV[fields])
local at = gone
local lanes, hots = {}, {}
for k = 8, #KEYS do
  local lane, count = ARGV[at], tonumber(ARGV[at + 2])
  redis.call('LLEN', KEYS[k])
  local rest = lanes[lane] or redis.call('ZSCORE', ready, lane)
  if not rest then
    rest = now
    local h = redis.call('HGET', held, lane)
    if h then rest = math.max(now, tonumber(string.match(h, '^%d+'))) end
    lanes[lane] = rest
  end
  if ARGV[at + 1] == '1' then hots[lane] = rest end
  for i = at + 3, at + 2 + count do ARGV[i] = now .. '\n' .. ARGV[i] end
  at = at + 3 + count
end

-- Write.
redis.call('HSET', desk, 'v', want + 1, unpack(ARGV, 9, fields - 1))
if gone > fields + 1 then redis.call('HDEL', desk, unpack(ARGV, fields + 1, gone - 1)) end
redis.call('RPUSH', journal, ARGV[3])
if marked then redis.call('SET', seen, op, 'PX', ARGV[7]) end
if ARGV[5] ~= '0' then
  redis.call('ZADD', wakes, ARGV[5], ARGV[4])
else
  redis.call('ZREM', wakes, ARGV[4])
end
at = gone
for k = 8, #KEYS do
  local count = tonumber(ARGV[at + 2])
  redis.call('RPUSH', KEYS[k], unpack(ARGV, at + 3, at + 2 + count))
  at = at + 3 + count
end
for lane, rest in pairs(lanes) do redis.call('ZADD', ready, rest, lane) end
for lane, rest in pairs(hots) do redis.call('ZADD', hot, rest, lane) end
return now
