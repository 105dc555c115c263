-- What a partition's logs of facts hold beyond what is known of them. KEYS[1] the partition's key prefix; ARGV: the
-- known length of each log by its suffix, in JSON, how many bytes to answer at most (one log more, if need be), and the
-- name of the memory that the known lengths are of ('' where nothing is known).
-- Answers the version, the memory's name, the records lost, when a record was last applied, whether there is more ('1'
-- or ''), then each suffix and the bytes after its known length. Where these are not the logs that were read, because
-- the memory is another or holds less, it answers nothing.
local prefix, known, room = KEYS[1], cjson.decode(ARGV[1]), tonumber(ARGV[2])
local position = redis.call('HMGET', prefix .. 'position', 'lost', 'at', 'memory')
local version = redis.call('GET', prefix .. 'version')
-- A Redis that stops may lose its last writes, and what is counted after them is appended in their place.
local memory = version and (position[3] or '') .. '@' .. string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
if ARGV[3] ~= '' and ARGV[3] ~= memory then
  return {}
end
local found = {version or '', memory, position[1] or '', position[2] or '', ''}
local lengths = redis.call('HGETALL', prefix .. 'lengths')
local held = {}
for n = 1, #lengths, 2 do
  held[lengths[n]] = tonumber(lengths[n + 1])
end
for suffix, length in pairs(known) do
  if (held[suffix] or 0) < length then
    return {}
  end
end
for n = 1, #lengths, 2 do
  local from = known[lengths[n]] or 0
  if held[lengths[n]] > from then
    if room <= 0 then
      found[5] = '1'
      break
    end
    local bytes = redis.call('GETRANGE', prefix .. lengths[n], from, -1)
    room = room - #bytes
    found[#found + 1], found[#found + 2] = lengths[n], bytes
  end
end
return found
