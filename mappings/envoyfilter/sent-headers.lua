-- Takes away what was kept for the choice of the route, and puts the Referer back in its place.
function envoy_on_request(h)
  local m, H = h:metadata(), h:headers() -- by now the route is chosen, be it for the second time
  local sent = H:get("x-nginx-referer") or "" -- also empty where there was none
  H:remove("x-nginx-referer")
  H:remove("x-nginx-upgrade")
  if sent ~= "" then H:replace("referer", sent) end
end
