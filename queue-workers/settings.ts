import type { SettingDeclarations, SettingsOf } from '../core/settings.ts'

/** Settings of `ecluse workers`, read once from its file. */
export const workerSettings = {
  'redis.durable': {
    kind: 'text',
    meaning: 'address of the durable Redis: redis://host:port or the path of a socket; required',
  },
  'keys.folder': { kind: 'text', meaning: 'folder of the edge’s keys; required' },
  'internal.url': {
    kind: 'text',
    meaning: 'internal port of the edge, http://host:port; required',
  },
  'workers.concurrency': {
    kind: 'integer',
    // The gate decides the pace; this only bounds how many writes ask it at once.
    default: 16,
    min: 1,
    max: 256,
    unit: 'attempts at once',
    meaning: 'writes this process tries to apply at the same time',
  },
  'workers.port': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 65_535,
    unit: 'port on 127.0.0.1, 0 takes a free one',
    meaning: 'where figures and dead letters are read',
  },
  'workers.attemptTimeoutMs': {
    kind: 'integer',
    default: 15_000,
    min: 100,
    max: 300_000,
    unit: 'ms',
    meaning: 'how long one attempt may take before its outcome counts as unknown',
  },
  'workers.lockMs': {
    kind: 'integer',
    // Writes of a worker that died wait at most about twice this long.
    default: 10_000,
    min: 500,
    max: 120_000,
    unit: 'ms',
    meaning: 'after this long without a sign of life a worker loses the write it holds',
  },
} as const satisfies SettingDeclarations

export type WorkerSettings = Required<SettingsOf<typeof workerSettings>>

/** The settings without which there is nothing to do. */
export const requiredSettings = ['redis.durable', 'keys.folder', 'internal.url'] as const
