import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'

/** What the figures were measured on. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const gib = Math.round(totalmem() / 1024 ** 3)
  return `${availableParallelism()} x ${model}, ${gib} GiB, Node ${process.versions.node}`
}

/** The commit that was measured, with `+` when files differ from it. */
export function commit(): string {
  const git = (...parameters: string[]): string =>
    spawnSync('git', parameters, { encoding: 'utf8' }).stdout?.trim() ?? ''
  const name = git('rev-parse', '--short', 'HEAD')
  return name === '' ? 'unknown' : `${name}${git('status', '--porcelain') === '' ? '' : '+'}`
}
