/** Who may import what. A file is under the first row whose `files` match it. */
export interface ImportRule {
  /** Pattern of the files; `*` is one part of a path, `**` any number. */
  readonly files: string
  /** `pure` rows are about files that touch nothing, `worldly` rows about the others. */
  readonly kind?: 'pure' | 'worldly'
  /**
   * Patterns of what may be imported. `{folder}` is the file's own folder, `npm:` a package; after
   * `type ` the types alone.
   */
  readonly may: readonly string[]
  /** The rule in words, for whoever broke it. */
  readonly says: string
}

const world = ['node:**', 'npm:**']
const seams = [
  'type gateway/exchange.ts',
  'type gateway/metrics.ts',
  'gateway/outcome.ts',
  'gateway/policy/policy.ts',
]

/** The import table of docs/contributing.md, as data. */
export const importRules: readonly ImportRule[] = [
  { files: '**/*{.test,.bench,-fixture}.ts', may: ['**'], says: 'tests may import everything' },
  { files: 'test/**', may: ['**'], says: 'tests may import everything' },
  {
    files: 'core/{clock,random}.ts',
    may: ['core/*', 'node:**'],
    says: 'core/clock.ts and core/random.ts import Node, and nothing of ours outside core/',
  },
  { files: 'core/*', may: ['core/*'], says: 'core/ imports itself alone' },
  {
    files:
      'gateway/{main,cache-process,edge-process,hot-lane-process,observation-process,policy-process,stages-process,writes-process}.ts',
    may: ['core/*', 'gateway/**', ...world],
    says: 'the gateway is put together here, from core/ and gateway/',
  },
  {
    files: 'gateway/pipeline.ts',
    may: ['type gateway/*/stage.ts', 'type gateway/exchange.ts'],
    says: 'the pipeline knows the stages and nothing below them',
  },
  {
    files: 'gateway/metrics.ts',
    may: ['core/*', 'gateway/outcome.ts', 'gateway/*/*'],
    says: 'the metric catalogue takes its closed sets from the pure files that decide',
  },
  {
    files: 'gateway/{keys,policy}/**',
    may: ['core/*', '{folder}/*', ...world],
    says: 'keys/ and policy/ know nothing of requests',
  },
  {
    files: 'gateway/operations/**',
    may: [
      'core/*',
      '{folder}/*',
      'gateway/{keys,policy}/*',
      'gateway/outcome.ts',
      'type gateway/exchange.ts',
      ...world,
    ],
    says: 'operations/ serves the policy and what it is handed, and meets no stage',
  },
  {
    files: 'gateway/write-absorption/**',
    kind: 'worldly',
    may: [
      'core/*',
      '{folder}/*',
      'gateway/*.ts',
      'gateway/policy/policy.ts',
      'queue-workers/{attempt-outcome,mailbox-scripts,script-client,settlement,write-job}.ts',
      ...world,
    ],
    says: 'of the workers, write-absorption/ knows the form of a write and of a mailbox',
  },
  {
    files: 'gateway/write-absorption/**',
    kind: 'pure',
    may: [
      'core/*',
      '{folder}/*',
      'queue-workers/{attempt-outcome,mailbox-scripts,settlement,write-job}.ts',
      ...seams,
    ],
    says: 'pure files of a stage import core/, their own folder and the seams of the gateway',
  },
  {
    files: 'gateway/*/**',
    kind: 'worldly',
    may: ['core/*', '{folder}/*', 'gateway/*.ts', 'gateway/policy/policy.ts', ...world],
    says: 'stages never import each other: they meet in the exchange',
  },
  {
    files: 'gateway/*/**',
    kind: 'pure',
    may: ['core/*', '{folder}/*', ...seams],
    says: 'pure files of a stage import core/, their own folder and the seams of the gateway',
  },
  {
    files: 'gateway/*',
    kind: 'worldly',
    may: ['core/*', 'gateway/*.ts', 'gateway/policy/policy.ts', 'type gateway/*/*', ...world],
    says: 'what surrounds the pipeline knows no stage',
  },
  {
    files: 'gateway/*',
    kind: 'pure',
    may: ['core/*', 'gateway/*.ts', 'type gateway/policy/policy.ts'],
    says: 'the seams of the gateway know core/ and each other',
  },
  {
    files: 'queue-workers/**',
    may: ['core/*', 'queue-workers/**', 'gateway/dialects/*', ...world],
    says: 'the workers share no code with the gateway but its dialects, which are data',
  },
  {
    files: 'loadtest/**',
    may: ['core/*', 'loadtest/**', 'scenarios/**', ...world],
    says: 'the measurer shares no code with the measured',
  },
  {
    files: 'bench/overload/**',
    may: [
      'core/*',
      'bench/**',
      'gateway/{admission,policy}/*',
      'loadtest/stand-in/{collapse,faults,service-model}.ts',
      ...world,
    ],
    says: 'the simulation of overload drives the real gate in front of the model of the origin',
  },
  {
    files: 'bench/load/**',
    may: ['core/*', 'bench/**', 'loadtest/engine/*', 'scenarios/**', ...world],
    says: 'the benchmark of load plays on the load engine, in a process of its own',
  },
  {
    files: 'bench/**',
    may: ['core/*', 'bench/**', 'scenarios/**', ...world],
    says: 'a benchmark starts what it measures as processes, and shares no code with it',
  },
  {
    files: 'scenarios/k6/**',
    may: ['npm:k6**', 'npm:k6/**'],
    says: 'scenarios/k6/ runs inside k6, which has no packages but its own',
  },
  { files: 'scenarios/**', may: ['type core/*', 'scenarios/**'], says: 'scenarios/ is data' },
  {
    files: 'dashboards/**',
    may: ['core/{failure,metric-catalogue}.ts', '*/metrics.ts', 'dashboards/**', ...world],
    says: 'dashboards/ knows the metric catalogues and nothing else of ours',
  },
]

/** One import statement, resolved: a path from the root of the repository, `node:x` or `npm:x`. */
export interface ImportFound {
  readonly target: string
  readonly isTypeOnly: boolean
}

/** What is wrong with this import in this file, in one sentence, or undefined. */
export function importProblem(file: string, found: ImportFound): string | undefined {
  const { target, isTypeOnly } = found
  const kind = isWorldly(file) ? 'worldly' : 'pure'
  const rule = importRules.find(
    (row) => matches(row.files, file) && (row.kind === undefined || row.kind === kind),
  )
  const sentence = (says: string): string => `${file} imports ${target}: ${says}.`
  if (rule === undefined) return sentence('no row of the import table is about this file')
  const isAllowed = rule.may.some((pattern) => {
    if (pattern.startsWith('type ') && !isTypeOnly) return false
    const folder = file.slice(0, file.lastIndexOf('/'))
    return matches(pattern.replace(/^type /, '').replace('{folder}', folder), target)
  })
  if (!isAllowed) return sentence(rule.says)
  if (isTest(file)) return undefined
  if (isTest(target)) return sentence('nobody imports tests')
  const isWorld = /^(?:node|npm):/.test(target) || isWorldly(target)
  if (kind === 'pure' && isWorld && !isTypeOnly && !isPort(file)) {
    return sentence('a pure file imports nothing that touches the world')
  }
  return undefined
}

/** The two files by which pure code learns of time and chance: as an argument of another's giving. */
function isPort(file: string): boolean {
  return /^core\/(?:clock|random)\.ts$/.test(file)
}

/** Does the name say that this file touches the world? */
function isWorldly(file: string): boolean {
  return /(?:^|\/)(?:stage|main)\.ts$|-(?:store|client|probe|queue|route|process|lane)\.ts$/.test(
    file,
  )
}

function isTest(file: string): boolean {
  return file.startsWith('test/') || /(?:\.test|\.bench|-fixture)\.ts$/.test(file)
}

function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`)
    .replaceAll('**/', '(?:.*/)?')
    .replaceAll('**', '.*')
    .replaceAll(/(?<![.)])\*(?!\?)/g, '[^/]*')
  return new RegExp(`^${source}$`).test(path)
}
