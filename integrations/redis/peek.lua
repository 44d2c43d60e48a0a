#!lua flags=no-writes
-- Reads what is due in some sorted sets, without a write.
-- KEYS  1… sorted sets by unix ms, of one shard (or of several, where there is no Cluster)
-- ARGV  1 floor  2 at most this many of each set  3 how late they must be, ms
-- Returns {now, earliest time after now or 0, members and scores of the first set, of the second, …}

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
local upto = string.format('%.0f', now - tonumber(ARGV[3]))
local after = '(' .. string.format('%.0f', now)
local next = 0
local out = {now, 0}
for _, key in ipairs(KEYS) do
  out[#out + 1] = redis.call('ZRANGE', key, '-inf', upto, 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
  local first = redis.call('ZRANGE', key, after, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if first[2] and (next == 0 or tonumber(first[2]) < next) then next = tonumber(first[2]) end
end
out[2] = next
return out
