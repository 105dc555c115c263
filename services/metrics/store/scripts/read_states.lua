-- The stored states of records: KEYS[1] the partition's key prefix; ARGV: the records' names end to end, a name's
-- length, and what to answer for a record that has no state. A name's first two bytes choose one of many small hashes,
-- which Redis keeps as listpacks; the rest is the field. Answers the states end to end.
local prefix, names, length, none = KEYS[1] .. 'r:', ARGV[1], tonumber(ARGV[2]), ARGV[3]
local call, sub = redis.call, string.sub
local states, n = {}, 0
for at = 1, #names, length do
  n = n + 1
  states[n] = call('HGET', prefix .. sub(names, at, at + 1), sub(names, at + 2, at + length - 1)) or none
end
return table.concat(states)
