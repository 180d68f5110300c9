-- Sends the requests of a file, one after the other and round again, and prints one line of figures.
-- The first line of the file is the head they share; each other line a target and the cookies.
local requests, at = {}, 0

function init(args)
  local file = assert(io.open(args[1], "r"))
  local shared = file:read("*l"):gsub("\\r\\n", "\r\n")
  for line in file:lines() do
    local target, cookie = line:match("^(%S+) (.+)$")
    requests[#requests + 1] = "GET " .. target .. " HTTP/1.1\r\n" .. shared .. "Cookie: " .. cookie .. "\r\n\r\n"
  end
  file:close()
end

function request()
  at = at + 1
  if at > #requests then at = 1 end
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\nFIGURES {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    -- An answer after more than two seconds is slow, which the percentiles say.
    e.connect + e.read + e.write + e.status))
end
