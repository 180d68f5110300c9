import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import {
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml'
import { z } from 'zod'
import { Failure } from '../../core/failure.ts'
import { readNetwork } from '../../core/ip-address.ts'
import { contradictions } from './contradictions.ts'
import { originServers, type Policy } from './policy.ts'

const seconds = (max: number) => z.number().min(0).max(max)
const quota = z.strictObject({
  perMinute: z.number().positive().max(1e9),
  burst: z.number().min(1).max(1e9),
})
const machineClient = quota.extend({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  addresses: z
    .array(
      z.string().refine((text) => readNetwork(text) !== null, 'expected an address or a network'),
    )
    .min(1),
})
const stageSwitch = z.enum(['enforce', 'off'])

const cacheRules = z.strictObject({
  audience: z.enum(['public', 'role', 'school', 'group', 'user']),
  freshSeconds: seconds(31_536_000),
  staleWhileRevalidateSeconds: seconds(86_400).default(0),
  staleIfErrorSeconds: seconds(604_800).default(0),
  ignoreQuery: z.array(z.string()).default([]),
  contentTypes: z
    .array(z.string().regex(/^[a-z]+\/(?:\*|[a-z0-9.+-]+)$/))
    .min(1)
    .optional(),
  heuristicMaxSeconds: seconds(604_800).optional(),
  otherStatusSeconds: seconds(3_600).optional(),
  mayReload: z.boolean().optional(),
})

const writeRules = z.strictObject({
  authority: z.enum(['on-behalf', 'session']),
  outcome: z.enum(['dedupes', 'read-back', 'neither']),
  success: z.array(z.int().min(200).max(299)).min(1),
  answer: z.literal('receipt'),
  when: z.enum(['never', 'always', 'surge']).default('always'),
  answerWithinMs: z.int().min(100).max(30_000).default(2_500),
  keeps: z.enum(['all', 'last']).default('all'),
  countsWithinSeconds: z.number().min(1).max(86_400).optional(),
  durability: z.enum(['local-fsync', 'queue-fsync']).default('local-fsync'),
  maxBodyBytes: z.int().min(1).max(65_536),
  backlogMaxSeconds: seconds(86_400),
})

const routeClass = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  match: z.strictObject({
    methods: z.array(z.string().regex(/^[A-Z-]+$/)).min(1),
    path: z.string().startsWith('/'),
    query: z.record(z.string(), z.string()).optional(),
  }),
  priority: z.union([0, 1, 2, 3, 4, 5, 6].map((priority) => z.literal(priority))),
  deadlineMs: z.int().min(100).max(600_000),
  isEntry: z.boolean().default(false),
  isInside: z.boolean().default(false),
  changesState: z.boolean().optional(),
  servedBy: z.enum(originServers).default('portal'),
  cost: z.int().min(0).max(1_000).default(1),
  login: z.strictObject({ accountField: z.string().min(1).max(128) }).optional(),
  cache: cacheRules.optional(),
  write: writeRules.optional(),
})

/** The policy document as people write it. */
export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.int().min(1),
  session: z.strictObject({
    cookie: z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/),
    changesAtLogin: z.boolean().default(false),
    trustedHops: z.int().min(0).max(10).default(0),
    passSeconds: z.int().min(60).max(86_400).default(14_400),
  }),
  stages: z.strictObject({
    cache: stageSwitch.default('enforce'),
    coalescing: stageSwitch.default('enforce'),
    'waiting-room': stageSwitch.default('enforce'),
    'rate-limit': stageSwitch.default('enforce'),
    'write-absorption': stageSwitch.default('enforce'),
    admission: stageSwitch.default('enforce'),
  }),
  gate: z.strictObject({
    maxInFlight: z.int().min(1).max(65_535),
    limit: z.enum(['adaptive', 'fixed']).default('adaptive'),
    minInFlight: z.int().min(1).max(65_535).default(4),
    maxQueued: z.int().min(0).max(1_000_000),
    applyShareRatio: z.number().min(0).max(1).default(0.2),
    schoolWeights: z.record(z.string(), z.number().positive().max(1e9)).default({}),
    identityProvider: z
      .strictObject({
        maxInFlight: z.int().min(1).max(65_535),
        maxQueued: z.int().min(0).max(1_000_000),
      })
      .optional(),
  }),
  limits: z.strictObject({
    account: quota,
    device: quota.optional(),
    address: quota,
    addressPerSession: quota,
    school: z.strictObject({ base: quota, perSession: quota }).optional(),
    login: quota.optional(),
    machines: z.array(machineClient).max(100).optional(),
  }),
  waitingRoom: z.strictObject({
    targetPressureRatio: z.number().min(0.1).max(10).default(1.75),
    entrySlotSeconds: z.number().min(0.01).max(100).default(2.5),
    minInside: z.int().min(0).max(10_000_000),
    maxInside: z.int().min(1).max(10_000_000),
    idleSeconds: z.int().min(1).max(7_200).default(120),
  }),
  classes: z.array(routeClass).max(1_000),
  closed: z.array(z.string()).default([]),
  isBypassed: z.boolean().default(false),
  bypassed: z.array(z.string()).default([]),
})

export type PolicyReading =
  | { readonly kind: 'ok'; readonly policy: Policy }
  /** Each problem is one sentence with its `line:column` before it. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** Checks a policy document (YAML or JSON) whole. Nothing of a refused one is used. */
export function readPolicy(text: string): PolicyReading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    return { kind: 'refused', problems: document.errors.map(syntaxProblem) }
  }
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    // Aliases of aliases that would fill the memory (yaml counts them), or an alias of nothing.
    return { kind: 'refused', problems: [`1:1 ${(error as Error).message}`] }
  }
  const parsed = policySchema.safeParse(content)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const path = issue.path as (string | number)[]
      const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      return `${placeOf(document, lines, { path, unknownKey })} ${path.join('.')}: ${issue.message}`
    })
    return { kind: 'refused', problems }
  }
  const problems = contradictions(parsed.data as Policy).map(({ path, says }) => {
    const place = placeOf(document, lines, { path, unknownKey: undefined })
    return `${place} ${path.join('.')}: ${says}`
  })
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'ok', policy: deepFreeze(parsed.data) as Policy }
}

/** Reads a policy file; fails with `policy-refused` and every problem, or `policy-unreadable`. */
export function loadPolicy(file: string): Policy {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const message = `policy.file: cannot read ${file}.`
    throw new Failure({ code: 'policy-unreadable', message, source: 'gateway', cause })
  }
  const reading = readPolicy(text)
  if (reading.kind === 'ok') return reading.policy
  const message = reading.problems.map((problem) => `${file}:${problem}`).join('\n')
  throw new Failure({ code: 'policy-refused', message, source: 'gateway' })
}

/**
 * The policy to start with: the document at `file`, or the one kept at `lastGoodFile` when it is
 * as new or newer, so that what operators put in force survives a restart.
 */
export function startingPolicy(file: string, lastGoodFile?: string): Policy {
  const written = loadPolicy(file)
  if (lastGoodFile === undefined || !existsSync(lastGoodFile)) return written
  const kept = loadPolicy(lastGoodFile)
  return kept.version >= written.version ? kept : written
}

/** Keeps the policy in force on disk; the name appears only when the bytes are whole. */
export function savePolicy(file: string, policy: Policy): void {
  const partial = `${file}.partial`
  writeFileSync(partial, `${JSON.stringify(policy, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(partial, file)
}

interface Place {
  readonly path: readonly (string | number)[]
  readonly unknownKey: string | undefined
}

function placeOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  { path, unknownKey }: Place,
): string {
  const node = path.length === 0 ? document.contents : document.getIn(path, true)
  // What is missing has no place of its own; what it is missing from has.
  if (node === undefined && path.length > 0) {
    return placeOf(document, lines, { path: path.slice(0, -1), unknownKey: undefined })
  }
  let offset = (node as { range?: [number] } | undefined)?.range?.[0]
  if (unknownKey !== undefined && isMap(node)) {
    visit(node, {
      Pair(_, pair) {
        if (isPair(pair) && isScalar(pair.key) && pair.key.value === unknownKey) {
          offset = pair.key.range?.[0]
          return visit.BREAK
        }
        return undefined
      },
    })
  }
  if (offset === undefined) return '1:1'
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

// `Message at line 3, column 5:` and a picture of the line, as yaml writes it.
function syntaxProblem({ message, linePos }: YAMLParseError): string {
  const sentence = (message.split('\n', 1)[0] as string).replace(/ at line \d+, column \d+:$/, '')
  const { line, col } = linePos?.[0] ?? { line: 1, col: 1 }
  return `${line}:${col} ${sentence}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
