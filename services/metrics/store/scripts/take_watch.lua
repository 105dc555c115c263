-- Whether this process evaluates the alert rules now: one does at a time, and another when it has been silent.
-- KEYS[1]: the rules' hash. ARGV: the process's name, for how many seconds it is believed, whether it still counts,
-- its rules in words of its own.
-- Answers {mine, rested, rules...}: `rested` where no process that was heard of lately still counts; the rules of
-- each of those that has others.
local key, name, seconds, counts, rules = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
redis.call('HSET', key, '@process/' .. name, string.format('%.3f %s %s', now, counts, rules))
local holder = redis.call('HGET', key, '@watch')
local heard = tonumber(redis.call('HGET', key, '@watch-at') or '0')
local mine = not holder or holder == name or now - heard > seconds
if mine then
  redis.call('HSET', key, '@watch', name, '@watch-at', string.format('%.3f', now))
end
local answer = {mine and 1 or 0, 1}
local fields = redis.call('HGETALL', key)
for at = 1, #fields, 2 do
  if string.sub(fields[at], 1, 9) == '@process/' then
    local last, other_counts, other_rules = string.match(fields[at + 1], '^(%S+) (%d) (.*)$')
    if now - tonumber(last) > seconds then
      redis.call('HDEL', key, fields[at])
    else
      if other_counts == '1' then
        answer[2] = 0
      end
      if other_rules ~= rules then
        answer[#answer + 1] = other_rules
      end
    end
  end
end
return answer
