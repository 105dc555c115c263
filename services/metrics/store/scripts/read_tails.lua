-- What a partition's logs of facts hold beyond what is known of them. KEYS[1] the partition's key prefix; ARGV: the
-- known length of each log by its suffix, in JSON, and how many bytes to answer at most (one log more, if need be).
-- Answers the version, the records lost, when a record was last applied, whether there is more ('1' or ''), then each
-- suffix and the bytes after its known length.
local prefix, known, room = KEYS[1], cjson.decode(ARGV[1]), tonumber(ARGV[2])
local position = redis.call('HMGET', prefix .. 'position', 'lost', 'at')
local found = {redis.call('GET', prefix .. 'version') or '', position[1] or '', position[2] or '', ''}
local lengths = redis.call('HGETALL', prefix .. 'lengths')
for n = 1, #lengths, 2 do
  local from = known[lengths[n]] or 0
  if tonumber(lengths[n + 1]) > from then
    if room <= 0 then
      found[4] = '1'
      break
    end
    local bytes = redis.call('GETRANGE', prefix .. lengths[n], from, -1)
    room = room - #bytes
    found[#found + 1], found[#found + 2] = lengths[n], bytes
  end
end
return found
