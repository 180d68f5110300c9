-- Prints what the table needs, also the percentile that wrk leaves out.
done = function(summary, latency)
  io.write(string.format(
    'FIGURES {"requests":%d,"durationUs":%d,"p50Ms":%.3f,"p99Ms":%.3f,"p999Ms":%.3f}\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end
