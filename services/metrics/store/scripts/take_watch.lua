-- Whether this process evaluates the alert rules now: one does at a time, and another when it has been silent.
-- KEYS[1]: the rules' hash. ARGV: the process's name, for how many seconds it is believed, whether it has caught up.
-- Answers {mine, rested}: `rested` where every process that was heard of lately has counted all that it knows of.
local key, name, seconds, caught_up = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
if caught_up then
  redis.call('HDEL', key, '@behind/' .. name)
else
  redis.call('HSET', key, '@behind/' .. name, string.format('%.3f', now))
end
local holder = redis.call('HGET', key, '@watch')
local heard = tonumber(redis.call('HGET', key, '@watch-at') or '0')
local mine = not holder or holder == name or now - heard > seconds
if mine then
  redis.call('HSET', key, '@watch', name, '@watch-at', string.format('%.3f', now))
end
local rested = 1
local fields = redis.call('HGETALL', key)
for at = 1, #fields, 2 do
  if string.sub(fields[at], 1, 8) == '@behind/' then
    if now - tonumber(fields[at + 1]) > seconds then
      redis.call('HDEL', key, fields[at])
    else
      rested = 0
    end
  end
end
return {mine and 1 or 0, rested}
