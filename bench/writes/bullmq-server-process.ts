import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

/**
 * What one would write in an hour: a server that adds each body to a BullMQ queue under its key and
 * answers 202. No identity, no quota, no seal, no signature.
 */
async function main(address: string): Promise<void> {
  const queue = new Queue('bare', {
    connection: new Redis({ path: address, maxRetriesPerRequest: null }),
  })
  await queue.waitUntilReady()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const key = String(request.headers['idempotency-key'])
      const jobId = createHash('sha256').update(key).digest('hex')
      queue.add('write', { text, key }, { jobId }).then(
        () => response.writeHead(202, { 'content-length': 0 }).end(),
        () => response.writeHead(503, { 'content-length': 0 }).end(),
      )
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    const line = { event: 'ready', url: `http://127.0.0.1:${port}` }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  })
}

await main(process.argv[2] ?? '')
