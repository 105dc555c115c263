-- Remembers an incident, if this process still evaluates and it stands as the evaluation found it.
-- KEYS[1]: the rules' hash. ARGV: the process's name, the incident's name, what was found ('' where none), what is now.
local key, name, incident, found, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HGET', key, '@watch') ~= name then
  return 0
end
local stored = redis.call('HGET', key, incident) or ''
if stored == now then
  return 1
end
if stored ~= found then
  return 0
end
redis.call('HSET', key, incident, now)
return 1
