import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Test, test } from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { flattenSettings } from '../../core/settings.ts'
import { loadPolicy } from '../../gateway/policy/policy-reader-store.ts'
import { readGatewaySettings } from '../../gateway/settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const base = join(root, 'deploy/kubernetes/base')

interface Manifest {
  readonly file: string
  readonly kind: string
  readonly document: Readonly<Record<string, unknown>>
}

/** Where the types of each kind are; a kind that is not here has a schema of its own below. */
const typedKinds: Readonly<Record<string, string>> = {
  StatefulSet: 'apps/v1',
  Deployment: 'apps/v1',
  Service: 'core/v1',
  PodDisruptionBudget: 'policy/v1',
  NetworkPolicy: 'networking/v1',
}

/** What of KEDA's ScaledObject (keda.sh/v1alpha1) the manifests may use. */
const scaledObject = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int(),
    maxReplicaCount: z.int(),
    pollingInterval: z.int(),
    cooldownPeriod: z.int(),
    fallback: z.strictObject({ failureThreshold: z.int(), replicas: z.int() }),
    triggers: z.array(
      z.strictObject({
        type: z.literal('prometheus'),
        metadata: z.strictObject({
          serverAddress: z.url(),
          query: z.string(),
          // KEDA wants the text of a number.
          threshold: z.string().regex(/^\d+$/),
        }),
      }),
    ),
  }),
})

function manifests(): Manifest[] {
  const { resources } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as {
    resources: string[]
  }
  return resources.flatMap((file) =>
    parseAllDocuments(readFileSync(join(base, file), 'utf8'), { merge: true }).map((yaml) => {
      const document = yaml.toJS() as Manifest['document']
      return { file, kind: String(document['kind']), document }
    }),
  )
}

/** What the compiler says of manifests written as values of their types: nothing, when all is well. */
function typeErrors(t: Test, all: readonly Manifest[]): string {
  // Inside the repository, so that the types are found.
  const folder = mkdtempSync(join(root, 'node_modules/.manifests-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const lines = all.map(
    ({ kind, document }, index) =>
      `export const m${index}: import('kubernetes-types/${typedKinds[kind]}.js').${kind} = ${JSON.stringify(document)}`,
  )
  const file = join(folder, 'manifests.ts')
  writeFileSync(file, lines.join('\n'))
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', file]
  const tsc = join(root, 'node_modules/.bin/tsc')
  // What the test runner adds to every Node is not for the compiler; `env` takes it off again.
  const command = ['-u', 'NODE_OPTIONS', tsc, ...flags, '--ignoreConfig']
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', command, {
    encoding: 'utf8',
    cwd: folder,
  })
  return status === 0 ? '' : `${stdout}${stderr}`
}

test('every manifest has the fields its kind has, and no others', (t) => {
  const all = manifests()
  const typed = all.filter(({ kind }) => Object.hasOwn(typedKinds, kind))
  t.equal(typeErrors(t, typed), '')
  for (const { kind, document } of all.filter((one) => !typed.includes(one))) {
    t.equal(kind, 'ScaledObject')
    t.equal(scaledObject.safeParse(document).error, undefined)
  }
  t.end()
})

test('a misspelt field is found', (t) => {
  const edge = manifests().find(({ kind }) => kind === 'StatefulSet') as Manifest
  const spec = edge.document['spec'] as object
  const wrong = { ...edge, document: { ...edge.document, spec: { ...spec, minReadySecond: 3 } } }
  t.match(typeErrors(t, [wrong]), /minReadySecond/)
  const scaler = manifests().find(({ kind }) => kind === 'ScaledObject') as Manifest
  t.equal(scaledObject.safeParse({ ...scaler.document, spce: {} }).success, false)
  t.end()
})

test('what the manifests name is there: files, ports, and the pods a policy is about', (t) => {
  const all = manifests()
  const kustomization = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8'))
  const files = readdirSync(base)
  for (const entry of kustomization.configMapGenerator[0].files as string[]) {
    t.ok(files.includes(entry.split('=').at(-1) as string), entry)
  }
  const text = JSON.stringify(all.map(({ document }) => document))
  const names = new Set(text.match(/"app\.kubernetes\.io\/name":"([^"]+)"/g))
  t.equal(names.size, 2, 'edge and workers')
  const ports = new Set([...text.matchAll(/\{"name":"(\w+)","containerPort"/g)].map(([, n]) => n))
  for (const [, port] of text.matchAll(/"(?:targetPort|port)":"(\w+)"/g)) {
    t.ok(ports.has(port), `port ${port}`)
  }
  t.end()
})

test('the settings beside the manifests are ones the edge accepts', (t) => {
  const gateway = parse(readFileSync(join(base, 'gateway.yaml'), 'utf8'))
  t.match(readGatewaySettings(flattenSettings(gateway)), { kind: 'ok' })
  t.doesNotThrow(() => loadPolicy(join(base, 'policy.yaml')))
  const reference = readFileSync(join(root, 'gateway/dialects/reference.yaml'), 'utf8')
  t.equal(readFileSync(join(base, 'policy.yaml'), 'utf8'), reference, 'the policy to replace')
  t.end()
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
const units = { skip: hasSystemd ? false : 'systemd-analyze is not on this machine' }

test('the systemd units are well-formed and give the process next to nothing', units, (t) => {
  for (const unit of ['ecluse-gateway@.service', 'ecluse-workers.service']) {
    const file = join(root, 'deploy/systemd', unit)
    const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    const told = verified.stderr.split('\n').filter((line) => line !== '')
    // The one thing that cannot be there: the program, installed elsewhere.
    t.same(
      told.filter((line) => !line.includes('/opt/ecluse/bin/ecluse is not executable')),
      [],
    )
    const level = execFileSync('systemd-analyze', ['security', '--offline=yes', file], {
      encoding: 'utf8',
    })
    const exposure = Number(/exposure level for .*: ([\d.]+)/.exec(level)?.[1])
    t.ok(exposure <= 2, `${unit}: exposure ${exposure} of 10`)
  }
  t.end()
})
