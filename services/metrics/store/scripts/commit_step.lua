-- One atomic step of a partition. KEYS[1] its key prefix; ARGV: the position that the step starts from (cluster id,
-- offset, moves), the next offset, the time, a name's length and the records' names end to end, a state's length and
-- their states end to end, arrivals in JSON, a name for what is counted now, how many keys of facts follow, then for
-- each its suffix and the rows to append; then for each indicator the suffix of its key, its field and its text.
-- Everything is checked before anything is written: an error half way through a script does not undo its writes.
-- Answers 'ok', or the position that is stored when the step does not start there.
local prefix = KEYS[1]
local position = prefix .. 'position'
local stored = redis.call('HMGET', position, 'cluster', 'next', 'moves')
for n = 1, 3 do
  if stored[n] ~= ARGV[n] then
    return stored
  end
end
local arrivals = cjson.decode(ARGV[10])

local call, sub, shards = redis.call, string.sub, prefix .. 'r:'
local name_length, names = tonumber(ARGV[6]), ARGV[7]
local state_length, states = tonumber(ARGV[8]), ARGV[9]
local state_at = 1
for at = 1, #names, name_length do
  local state = sub(states, state_at, state_at + state_length - 1)
  call('HSET', shards .. sub(names, at, at + 1), sub(names, at + 2, at + name_length - 1), state)
  state_at = state_at + state_length
end

local last_of_facts = 12 + 2 * tonumber(ARGV[12])
for n = 13, last_of_facts, 2 do
  call('HSET', prefix .. 'lengths', ARGV[n], call('APPEND', prefix .. ARGV[n], ARGV[n + 1]))
end
for n = last_of_facts + 1, #ARGV, 3 do
  call('HSET', prefix .. ARGV[n], ARGV[n + 1], ARGV[n + 2])
  call('SADD', prefix .. 'kept', ARGV[n])
end

for stream, arrived in pairs(arrivals) do
  local key = prefix .. 'arrivals:' .. stream
  call('HINCRBY', key, 'records', arrived[1])
  if arrived[2] > tonumber(call('HGET', key, 'last_day') or 0) then
    call('HSET', key, 'last_day', arrived[2])
  end
  for n, records in ipairs(arrived[3]) do
    call('HINCRBY', key, 'late:' .. n, records)
  end
  call('HSET', key, 'at', ARGV[5])
end

call('HSET', position, 'next', ARGV[4], 'at', ARGV[5])
call('HINCRBY', position, 'moves', 1)
call('SET', prefix .. 'version', ARGV[11])
return 'ok'
