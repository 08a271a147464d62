-- Puts the Referer back that was kept for the choice of the route.
function envoy_on_request(h)
  local m, H = h:metadata(), h:headers() -- by now the route is chosen, be it for the second time
  local sent = H:get("x-nginx-referer") or "" -- also empty where there was none
  H:remove("x-nginx-referer")
  if sent ~= "" then H:replace("referer", sent) end
end
