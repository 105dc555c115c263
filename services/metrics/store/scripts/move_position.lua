-- Sets where a partition is read on, if nobody has moved it meanwhile. KEYS[1] the partition's key prefix; ARGV: the
-- position believed to be stored (cluster id, offset, moves; each '' for none), the new cluster and offset, how many
-- records were lost, and a name for what is counted from here on. Answers 'ok', or the position that is stored.
local position = KEYS[1] .. 'position'
local stored = redis.call('HMGET', position, 'cluster', 'next', 'moves')
for n = 1, 3 do
  if (stored[n] or '') ~= ARGV[n] then
    return stored
  end
end
redis.call('HSETNX', position, 'since', ARGV[4])
redis.call('HSETNX', position, 'memory', ARGV[7])
redis.call('HSET', position, 'cluster', ARGV[4], 'next', ARGV[5])
redis.call('HINCRBY', position, 'moves', 1)
if tonumber(ARGV[6]) > 0 then
  redis.call('HINCRBY', position, 'lost', ARGV[6])
end
redis.call('SET', KEYS[1] .. 'version', ARGV[7])
return 'ok'
