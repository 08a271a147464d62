-- Says in a header which share of the requests this one is in, and has the route chosen anew. Orders come from the metadata of the route
-- that was chosen before: each route of the virtual host that could depend on a share has them. What a client sends under the name of such
-- a header counts for nothing; the other script puts it back for the upstream.
local function product(a, b) -- of 32 bits
  return (math.floor(a / 65536) * b % 65536 * 65536 + a % 65536 * b) % 4294967296
end
local function differing(a, b)
  return bit.bxor(a, b) % 4294967296
end
local function hash(text) -- MurmurHash2, as ngx_murmur_hash2
  local factor, left, at = 0x5bd1e995, #text, 1
  local h = left
  while left >= 4 do
    local a, b, c, d = text:byte(at, at + 3)
    local k = product(a + b * 256 + c * 65536 + d * 16777216, factor)
    k = product(differing(k, math.floor(k / 16777216)), factor)
    h, left, at = differing(product(h, factor), k), left - 4, at + 4
  end
  if left == 3 then h = differing(h, text:byte(at + 2) * 65536) end
  if left >= 2 then h = differing(h, text:byte(at + 1) * 256) end
  if left >= 1 then h = product(differing(h, text:byte(at)), factor) end
  h = product(differing(h, math.floor(h / 8192)), factor)
  return differing(h, math.floor(h / 32768))
end
local function share(below, h)
  for number, bound in ipairs(below) do
    if h < bound then return number end
  end
  return 0
end
function envoy_on_request(h)
  local m, H = h:metadata(), h:headers()
  local splits, path = m:get("splits"), H:get(":path") or "/"
  if not splits then return end
  local shares = {}
  for i, split in ipairs(splits) do shares[i] = share(split.below, hash(value(h, split.key, path))) end
  for i, split in ipairs(splits) do
    local sent = H:get(split.header)
    if sent then h:streamInfo():dynamicMetadata():set("nginx", split.header, sent) end
    H:replace(split.header, string.format("%d", shares[i]))
  end
  h:clearRouteCache()
end
