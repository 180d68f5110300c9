import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { initKeys } from '../../gateway/keys/key-store.ts'
import { startEcluseBy } from '../support/ecluse.ts'
import { leakPolicy } from './leak-policy.ts'

export interface LeakEdge {
  readonly url: string
  readonly operationsUrl: string
  /** What it told people so far: faults, for one. */
  readonly said: readonly string[]
  close(): Promise<void>
}

/** Starts the edge as a process of its own, as shipped but for `nodeFlags`. */
export async function openLeakEdge(
  originUrl: string,
  nodeFlags: readonly string[] = [],
): Promise<LeakEdge> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-leaks-'))
  initKeys(join(folder, 'keys'))
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(leakPolicy))
  const config = {
    listen: { port: 0 },
    operations: { port: 0 },
    internal: { port: 0 },
    origin: { url: originUrl },
    keys: { folder: join(folder, 'keys') },
    policy: { file: join(folder, 'policy.json') },
    drain: { seconds: 0 },
  }
  writeFileSync(join(folder, 'edge.json'), JSON.stringify(config))
  const parameters = ['gateway', '--stop-with-parent', '--config', join(folder, 'edge.json')]
  const child = startEcluseBy(nodeFlags, parameters)
  const ended = once(child, 'exit')
  const said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true })
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, operationsUrl } = JSON.parse(line) as { url: string; operationsUrl: string }
    return { url, operationsUrl, said, close }
  }
  await close()
  throw new Error(`the edge did not start: ${said.join('')}`)
}
