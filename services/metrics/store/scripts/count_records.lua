-- How many records have a state: KEYS[1] the partition's key prefix; ARGV: how many values the first byte of a shard's
-- name has, and how many the second.
local shards, records = KEYS[1] .. 'r:', 0
for first = 0, tonumber(ARGV[1]) - 1 do
  for second = 0, tonumber(ARGV[2]) - 1 do
    records = records + redis.call('HLEN', shards .. string.char(first, second))
  end
end
return records
