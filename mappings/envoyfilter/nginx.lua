-- What nginx does and no field of Istio says. Orders come from the route's metadata; a route without them is left alone.
local function with_query(order, p, a)
  if order.query == "drop" or a == "" then return p end
  return p .. (order.query == "add" and p:find("?", 1, true) and "&" or "?") .. a
end
local function moved(order, path)
  local p, a = query(path)
  p = p:gsub(order.from, order.to)
  if order.query == "within" then return p .. a .. order.rest end
  return with_query(order, p, a)
end
local function listed(h, order, path)
  local found = order.table[part(h, order.of, path):lower()]
  if not found then return nil end
  local _, a = query(path)
  return with_query(order, value(h, order.origin, path) .. found, a)
end
local function redirected(h, order, path)
  if order.table then return listed(h, order, path) end
  local to = moved(order, path)
  return to:sub(1, 1) == (order.before or to:sub(1, 1)) and value(h, order.origin or {}, path) .. to or to
end
function envoy_on_request(h)
  local m, H = h:metadata(), h:headers()
  for _, split in ipairs(m:get("splits") or {}) do -- the header was for the choice of the route
    local sent = (h:streamInfo():dynamicMetadata():get("nginx") or {})[split.header]
    if sent then H:replace(split.header, sent) else H:remove(split.header) end
  end
  local path = H:get(":path") or "/"
  local redirect = m:get("redirect")
  if redirect then
    local to = redirected(h, redirect, path)
    if not to then h:respond({[":status"] = "403"}, "")
    elseif to == "" then h:respond({[":status"] = redirect.status, ["location"] = ""}, "") -- Envoy would send a Location of its own
    else h:streamInfo():dynamicMetadata():set("nginx", "location", to) end
    return
  end
  local answer = m:get("answer")
  if answer then
    h:streamInfo():dynamicMetadata():set("nginx", "answer", value(h, answer, path))
    return
  end
  for name, kept in pairs(m:get("kept") or {}) do h:streamInfo():dynamicMetadata():set("nginx", name, part(h, kept, path)) end
  local headers = {}
  local origin = m:get("origin") and value(h, m:get("origin"), path)
    or (H:get(":scheme") or "http") .. "://" .. (H:get(":authority") or ""):lower()
  for i, order in ipairs(m:get("request_headers") or {}) do headers[i] = {order.name, value(h, order.parts, path)} end
  for _, header in ipairs(headers) do
    if header[2] == "" and header[1] ~= ":authority" then H:remove(header[1]) else H:replace(header[1], header[2]) end
  end
  if m:get("forwarded_for") then
    local sent = (H:get("x-forwarded-for") or ""):match("^(.*),[^,]*$")
    if sent then H:replace("x-forwarded-for", sent) else H:remove("x-forwarded-for") end
  end
  if m:get("locations") then
    h:streamInfo():dynamicMetadata():set("nginx", "origin", origin)
  end
  if m:get("path") then H:replace(":path", moved(m:get("path"), path))
  elseif m:get("drop_query") then H:replace(":path", (query(path))) end
  if m:get("method") and H:get(":method") ~= "HEAD" then H:replace(":method", m:get("method")) end
end
local function rewritten(orders, location, origin)
  for _, order in ipairs(orders) do
    if location:sub(1, #order.from) == order.from then
      local to = order.to .. location:sub(#order.from + 1)
      return (to:sub(1, 1) == "/" and origin or "") .. to
    end
  end
  return location
end
local function translate(H, orders, origin)
  local location, refresh = H:get("location"), H:get("refresh")
  if location then H:replace("location", rewritten(orders, location, origin)) end
  local before, address = (refresh or ""):match("^(.-[uU][rR][lL]=)(.*)$")
  if address then H:replace("refresh", before .. rewritten(orders, address)) end
end
local function attribute(text, order)
  return (text:gsub("(;%s*)([%a]+)=([^;]*)", function(gap, name, found)
    if name:lower() ~= order.attribute then return nil end
    if order.attribute == "domain" and found:lower():gsub("^%.", "") == order.from:lower() then return gap .. name .. "=" .. order.to end
    if order.attribute == "path" and found:sub(1, #order.from) == order.from then
      return gap .. name .. "=" .. order.to .. found:sub(#order.from + 1)
    end
  end))
end
local hidden = {"x-pad", "x-accel-expires", "x-accel-redirect", "x-accel-limit-rate", "x-accel-buffering", "x-accel-charset"}
local good = {["200"] = 1, ["201"] = 1, ["204"] = 1, ["206"] = 1, ["301"] = 1, ["302"] = 1, ["303"] = 1, ["304"] = 1, ["307"] = 1, ["308"] = 1}
local function expire(H, when)
  local age, date = "no-cache", "Thu, 01 Jan 1970 00:00:01 GMT"
  if when == "max" then age, date = "max-age=315360000", "Thu, 31 Dec 2037 23:55:55 GMT"
  elseif when ~= "epoch" then
    date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + when)
    if when >= 0 then age = string.format("max-age=%d", when) end
  end
  H:replace("expires", date)
  H:replace("cache-control", age)
end
local function paged(h, H, page)
  local names = {}
  for name in pairs(H) do if name:sub(1, 1) ~= ":" then names[#names + 1] = name end end
  local own = {} -- the route's, which stand behind those of the upstream
  for _, name in ipairs(page.headers or {}) do own[name] = H:getAtIndex(name, H:getNumValues(name) - 1) end
  for _, name in ipairs(names) do H:remove(name) end
  for name, text in pairs(own) do H:add(name, text) end
  h:body(true):setBytes(page.body)
  H = h:headers() -- what was taken before the body was waited for is no longer valid
  H:replace("content-length", tostring(#page.body))
  H:replace("content-type", page.type)
  H:replace(":status", page.status)
end
function envoy_on_response(h)
  local m, H = h:metadata(), h:headers()
  local page = (m:get("pages") or {})[H:get(":status")]
  if page and H:get("x-envoy-upstream-service-time") then -- what an upstream answered has this header, Envoy's own answers have not
    paged(h, H, page)
    m, H = h:metadata(), h:headers()
  end
  local when = m:get("expires")
  if when and good[H:get(":status")] then
    expire(H, when)
    if m:get("cache_control") then H:add("cache-control", m:get("cache_control")) end
  end
  if m:get("locations") or m:get("forwarded_for") or m:get("upstream") then
    for _, name in ipairs(hidden) do H:remove(name) end
  end
  if m:get("locations") then translate(H, m:get("locations"), (h:streamInfo():dynamicMetadata():get("nginx") or {}).origin) end
  local orders, lines = m:get("cookies"), {}
  if not orders then return end
  for i = 0, H:getNumValues("set-cookie") - 1 do lines[#lines + 1] = H:getAtIndex("set-cookie", i) end
  H:remove("set-cookie")
  for _, line in ipairs(lines) do
    for _, order in ipairs(orders) do line = attribute(line, order) end
    H:add("set-cookie", line)
  end
end
