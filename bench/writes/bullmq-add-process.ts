import { createInterface } from 'node:readline'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

/**
 * The peer: adds jobs of the same size to a BullMQ queue, so many at once, for as long as each line
 * on its input says in milliseconds; answers each with a line of how many it has added.
 */
async function main(address: string, atOnce: number, bytes: number): Promise<void> {
  const connection = new Redis({ path: address, maxRetriesPerRequest: null })
  const queue = new Queue('writes', { connection })
  await queue.waitUntilReady()
  process.stdout.write('ready\n')
  const text = 'x'.repeat(bytes)
  let number = 0
  for await (const line of createInterface({ input: process.stdin })) {
    const untilMs = performance.now() + Number(line)
    let added = 0
    const add = async (): Promise<void> => {
      while (performance.now() < untilMs) {
        number += 1
        await queue.add('write', { text }, { jobId: `write-${number}` })
        added += 1
      }
    }
    await Promise.all(Array.from({ length: atOnce }, add))
    process.stdout.write(`added ${added}\n`)
  }
  await queue.close()
  connection.disconnect()
}

const [address = '', atOnce = '', bytes = ''] = process.argv.slice(2)
await main(address, Number(atOnce), Number(bytes))
