#!lua flags=allow-oom
-- Forgets lanes that are empty and have rested.
-- KEYS  1 ready  2 held
-- ARGV  1 floor  2… lanes to look at
-- Returns how many were forgotten

local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]))
local gone = 0
for i = 2, #ARGV do
  local h = redis.call('HGET', KEYS[2], ARGV[i])
  if h and tonumber(string.match(h, '^%d+')) <= now and not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    gone = gone + redis.call('HDEL', KEYS[2], ARGV[i])
  end
end
return gone
