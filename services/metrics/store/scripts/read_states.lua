-- The stored states of records: KEYS[1] the partition's key prefix, ARGV[1] the records' digests, end to end,
-- ARGV[2] a digest's length. A digest's first two bytes choose one of 65,536 small hashes, which Redis keeps as
-- listpacks; the rest is the field. Answers a list with false where a record is new.
local prefix, digests, length = KEYS[1] .. 'r:', ARGV[1], tonumber(ARGV[2])
local states = {}
for at = 1, #digests, length do
  local shard = string.format('%02x%02x', string.byte(digests, at, at + 1))
  states[#states + 1] = redis.call('HGET', prefix .. shard, string.sub(digests, at + 2, at + length - 1))
end
return states
