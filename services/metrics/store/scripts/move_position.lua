-- Sets where a partition is read on, if nobody has moved it meanwhile. KEYS[1] the partition's key prefix; ARGV: the
-- cluster and offset believed to be stored ('' for none), the new cluster and offset, how many records were lost.
local position = KEYS[1] .. 'position'
local stored = redis.call('HMGET', position, 'cluster', 'next')
if (stored[1] or '') ~= ARGV[1] or (stored[2] or '') ~= ARGV[2] then
  return 0
end
redis.call('HSET', position, 'cluster', ARGV[3], 'next', ARGV[4])
if tonumber(ARGV[5]) > 0 then
  redis.call('HINCRBY', position, 'lost', ARGV[5])
end
return 1
