import proxy from '@fastify/http-proxy'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import Fastify from 'fastify'

/**
 * The stock Fastify stack as its documentation sets it up, with what a careful team adds: quotas by
 * person and not by address, retries off (`reply-from` repeats a GET up to ten times on 503), a
 * bound on connections, and a time after which an answer is given up.
 */
async function main([upstream, connections]: readonly string[]): Promise<void> {
  const app = Fastify({ logger: false, trustProxy: true })
  await app.register(underPressure, {
    maxEventLoopDelay: 1_000,
    maxEventLoopUtilization: 0.98,
    retryAfter: 5,
  })
  await app.register(rateLimit, {
    max: 600,
    timeWindow: '1 minute',
    cache: 50_000,
    keyGenerator: ({ headers, ip }) => headers.cookie ?? ip,
  })
  await app.register(proxy, {
    upstream: String(upstream),
    replyOptions: { retryDelay: () => null },
    undici: {
      connections: Number(connections),
      pipelining: 1,
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    },
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  console.log(JSON.stringify({ event: 'ready', url }))
  process.once('SIGTERM', () => process.exit(0))
}

await main(process.argv.slice(2))
