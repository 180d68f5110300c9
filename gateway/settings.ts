import { readSettings, type SettingsOf, type SettingsReading } from '../core/settings.ts'

/**
 * What is read once at start; changing one is a rolling restart. Dotted names are nested keys of
 * the file and flags of the command (`listen.port`, `--listen.port`). docs/configuration.md is
 * tested against this table.
 */
export const gatewaySettings = {
  'listen.host': {
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address people reach the edge at.',
  },
  'listen.port': port(8080, 'Port people reach the edge at; 0 takes a free one.'),
  'operations.host': {
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address of the operations server: health, metrics, policy.',
  },
  'operations.port': port(8081, 'Port of the operations server.'),
  'operations.names': {
    kind: 'text',
    meaning: 'More names it answers to, with commas, such as ops.example.fr behind a proxy.',
  },
  'operations.readers': {
    kind: 'choice',
    choices: ['anyone', 'operators'],
    default: 'anyone',
    meaning:
      'Who may watch the live page and read the policy: whoever reaches the port, or operators.',
  },
  'operations.ssoField': {
    kind: 'text',
    meaning:
      'Header field in which a single sign-on names the user; absent: personal tokens alone.',
  },
  'operations.ssoFrom': {
    kind: 'text',
    default: '127.0.0.1,::1',
    meaning: 'Addresses the field is believed from, with commas: the proxy that sets it.',
  },
  'operations.ssoActors': {
    kind: 'text',
    meaning: 'Users of the single sign-on who may act, with commas; the others may view.',
  },
  'operations.auditFile': {
    kind: 'text',
    meaning:
      'File to which each action of an operator is added, a line of JSON; absent: standard error alone.',
  },
  'internal.host': {
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address at which the workers apply absorbed writes; never one that people can reach.',
  },
  'internal.port': port(8082, 'Port of that address.'),
  'origin.url': {
    kind: 'text',
    meaning:
      'The portal behind the edge, such as http://10.0.0.5:8090; several servers of it with commas.',
  },
  'origin.maxConnections': {
    kind: 'integer',
    default: 1_024,
    min: 1,
    max: 65_535,
    unit: 'connections',
    meaning: 'Connections to the origin at once; the gate keeps far below it.',
  },
  'redis.durable': {
    kind: 'text',
    meaning: 'Redis that keeps absorbed writes (appendfsync always); absent: nothing is absorbed.',
  },
  'redis.volatile': {
    kind: 'text',
    meaning:
      'Redis that shares quotas, purges and stored answers between processes; absent: each is alone.',
  },
  'redis.mayShare': {
    kind: 'flag',
    default: false,
    meaning: 'Allows one Redis to play both roles, for small rehearsals.',
  },
  'writes.requireDurable': {
    kind: 'flag',
    default: true,
    meaning: 'Refuses to absorb when the durable Redis may lose what it acknowledged.',
  },
  'spool.folder': {
    kind: 'text',
    meaning:
      'Folder that keeps writes while the durable Redis cannot; absent: they are turned away then.',
  },
  'spool.isPersistent': {
    kind: 'flag',
    default: false,
    meaning: 'You answer for it: what is synced to spool.folder outlives this machine’s restarts.',
  },
  'spool.maxBytes': {
    kind: 'integer',
    default: 1024 ** 3,
    min: 1024 ** 2,
    max: 1024 ** 4,
    unit: 'bytes',
    meaning: 'How much the spool may keep; a full one turns writes away.',
  },
  'keys.folder': {
    kind: 'text',
    meaning: 'Folder of the edge’s keys, made by "ecluse keys init".',
  },
  'policy.file': { kind: 'text', meaning: 'The policy document to start with.' },
  'policy.lastGoodFile': {
    kind: 'text',
    meaning:
      'Where the policy in force is kept over restarts, unless policy.file is newer; absent: not kept.',
  },
  'cache.maxBytes': {
    kind: 'integer',
    default: 256 * 1024 * 1024,
    min: 0,
    max: 64 * 1024 ** 3,
    unit: 'bytes',
    meaning: 'Memory for stored answers.',
  },
  'cache.ownMaxBytes': {
    kind: 'integer',
    // 4,000 people's pages of 8 kB, of the seconds in which somebody asks again.
    default: 32 * 1024 * 1024,
    min: 0,
    max: 64 * 1024 ** 3,
    unit: 'bytes',
    meaning: 'Memory for people’s own pages, sealed for each session; 0 keeps none.',
  },
  'cache.entryMaxBytes': {
    kind: 'integer',
    default: 2 * 1024 * 1024,
    min: 0,
    max: 1024 ** 3,
    unit: 'bytes',
    meaning: 'Largest answer that is stored.',
  },
  'cache.shared': {
    kind: 'flag',
    default: true,
    meaning: 'Keeps what people share on redis.volatile too, so that a new process is not cold.',
  },
  'hotLane.maxBytes': {
    kind: 'integer',
    // Some 10,000 answers of up to 8 kB; of larger ones the heads alone are prepared.
    default: 64 * 1024 * 1024,
    min: 0,
    max: 4 * 1024 ** 3,
    unit: 'bytes',
    meaning: 'Memory for public answers prepared byte by byte; 0 switches the hot lane off.',
  },
  processes: {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 1_000,
    unit: 'edge processes',
    meaning: 'How many edge processes share the limits when Redis is lost.',
  },
  'probe.path': {
    kind: 'text',
    meaning:
      'A page anybody may ask for, such as /; asked for through the edge and around it, to tell whose fault it is. Absent: not asked.',
  },
  'probe.everySeconds': {
    kind: 'integer',
    default: 5,
    min: 1,
    max: 3_600,
    unit: 'seconds',
    meaning: 'How often.',
  },
  'log.file': {
    kind: 'text',
    meaning:
      'Access log, a line of JSON for finished requests; - is standard output. Absent: none.',
  },
  'log.oneIn': {
    kind: 'integer',
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    meaning:
      'A line for one in so many; of refusals and failures the first of each second besides.',
  },
  'drain.seconds': {
    kind: 'integer',
    default: 30,
    min: 0,
    max: 3_600,
    unit: 'seconds',
    meaning: 'How long requests in flight may take to end after the edge is told to stop.',
  },
} as const

export type GatewaySettings = SettingsOf<typeof gatewaySettings> & {
  readonly 'origin.url': string
  readonly 'keys.folder': string
  readonly 'policy.file': string
}

/** The servers of the portal, each with its address. */
export function originUrls(settings: { readonly 'origin.url'?: string | undefined }): string[] {
  return settings['origin.url']?.split(',').map((url) => url.trim()) ?? []
}

/** Checks raw values and what they mean together. */
export function readGatewaySettings(
  given: Readonly<Record<string, unknown>>,
): SettingsReading<typeof gatewaySettings> {
  const reading = readSettings(gatewaySettings, given)
  if (reading.kind === 'refused') return reading
  const { settings } = reading
  const problems: string[] = []
  for (const name of ['origin.url', 'keys.folder', 'policy.file'] as const) {
    if (settings[name] === undefined) {
      problems.push(`${name}: expected a value, found none. ${gatewaySettings[name].meaning}`)
    }
  }
  for (const origin of originUrls(settings)) {
    if (/^https?:\/\/[^/?#]+\/?$/.test(origin)) continue
    problems.push(`origin.url: expected http(s)://host:port without a path, found "${origin}".`)
  }
  const path = settings['probe.path']
  if (path !== undefined && !/^\/[\x21-\x7e]*$/.test(path)) {
    problems.push(`probe.path: expected a path from /, found "${path}".`)
  }
  const durable = settings['redis.durable']
  if (
    durable !== undefined &&
    durable === settings['redis.volatile'] &&
    !settings['redis.mayShare']
  ) {
    problems.push(
      'redis.volatile: expected another server than redis.durable, found the same; a server that ' +
        'evicts cannot keep writes. For a small rehearsal set redis.mayShare to true.',
    )
  }
  return problems.length > 0 ? { kind: 'refused', problems } : reading
}

function port(byDefault: number, meaning: string) {
  return {
    kind: 'integer',
    default: byDefault,
    min: 0,
    max: 65_535,
    unit: 'port',
    meaning,
  } as const
}
