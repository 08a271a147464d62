-- Values of a request, put together of texts and of what is looked up in it.
local function query(path)
  local p, a = path:match("^([^?]*)%?(.*)$")
  return p or path, a or ""
end
local function cookie(H, name)
  local all = "; " .. (H:get("cookie") or "")
  for key, value in all:gmatch("[;,]%s*([^=;,%s]+)=([^;]*)") do
    if key:lower() == name:lower() then return value end
  end
  return ""
end
local function argument(path, name)
  local _, all = query(path)
  for piece in all:gmatch("[^&]+") do
    local key, value = piece:match("^([^=]+)=(.*)$")
    if key and key:lower() == name:lower() then return value end
  end
  return ""
end
local function host(H)
  return ((H:get(":authority") or ""):lower():gsub(":%d*$", ""):gsub("%.$", ""))
end
local function part(h, p, path)
  if type(p) == "string" then return p end
  local H = h:headers()
  if p.client then return h:streamInfo():downstreamRemoteAddress():match("^%[?(.-)%]?:%d+$") or "" end
  if p.forwarded then return (H:get("x-forwarded-for") or ""):match("^(.*),") or "" end -- Envoy has appended the client's address
  if p.host then return host(H) end
  if p.header then return H:get(p.header) or "" end
  if p.cookie then return cookie(H, p.cookie) end
  if p.argument then return argument(path, p.argument) end
  if p.query then
    local _, text = query(path)
    return p.query == "text" and text or text ~= "" and "?" or ""
  end
  local text = p.of == "line" and path or p.of == "host" and host(H) or query(path)
  local found = {text:match(p.pattern)}
  return found[tonumber(p.capture)] or ""
end
local function value(h, parts, path)
  local out = {}
  for _, p in ipairs(parts) do out[#out + 1] = part(h, p, path) end
  return table.concat(out)
end
