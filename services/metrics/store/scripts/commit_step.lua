-- One atomic step of a partition. KEYS[1] its key prefix; ARGV: the position that the step starts from (cluster id,
-- offset, moves), the next offset, the time, the step in MessagePack (the fields of steps.Step, with the states'
-- lengths for `states`), then the records' digests and their states, each end to end.
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
local step = cmsgpack.unpack(ARGV[6])

local digests, states, state_at = ARGV[7], ARGV[8], 1
local digest_length = #digests / math.max(#step.states, 1)
for n, length in ipairs(step.states) do
  local at = (n - 1) * digest_length + 1
  local shard = string.format('%02x%02x', string.byte(digests, at, at + 1))
  local field = string.sub(digests, at + 2, at + digest_length - 1)
  redis.call('HSET', prefix .. 'r:' .. shard, field, string.sub(states, state_at, state_at + length - 1))
  state_at = state_at + length
end

-- BITFIELD takes many cells in one call; Lua passes at most some thousands of arguments.
local CELLS_A_CALL = 500
for suffix, cells in pairs(step.vectors) do
  local args = {}
  for at = 1, #cells, 2 do
    local n = #args
    args[n + 1], args[n + 2], args[n + 3], args[n + 4] = 'INCRBY', 'i32', '#' .. cells[at], cells[at + 1]
    if #args >= 4 * CELLS_A_CALL then
      redis.call('BITFIELD', prefix .. suffix, unpack(args))
      args = {}
    end
  end
  if #args > 0 then
    redis.call('BITFIELD', prefix .. suffix, unpack(args))
  end
end

for dataset, firsts in pairs(step.first) do
  for name, day in pairs(firsts) do
    local known = redis.call('HGET', prefix .. 'first:' .. dataset, name)
    if not known or day < tonumber(known) then
      redis.call('HSET', prefix .. 'first:' .. dataset, name, day)
    end
  end
end
for dataset, day in pairs(step.last) do
  local known = redis.call('HGET', prefix .. 'last', dataset)
  if not known or day > tonumber(known) then
    redis.call('HSET', prefix .. 'last', dataset, day)
  end
end
for dataset, months in pairs(step.months) do
  redis.call('SADD', prefix .. 'months:' .. dataset, unpack(months))
end
for dataset, months in pairs(step.coarse) do
  redis.call('SADD', prefix .. 'coarse:' .. dataset, unpack(months))
end
for dataset, texts in pairs(step.values) do
  for at = 1, #texts, 2 do
    redis.call('HSET', prefix .. 'values:' .. dataset, texts[at], texts[at + 1])
  end
end

redis.call('HSET', position, 'next', ARGV[4], 'at', ARGV[5])
redis.call('HINCRBY', position, 'moves', 1)
return 'ok'
