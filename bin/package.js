// Builds what `npm pack` ships: dist/, this repository without its tests, as JavaScript with types.
// Node does not strip types below node_modules, so an installed Écluse cannot run from its sources.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
/** Folders that run in production or in a rehearsal; tests and benchmarks stay at home. */
const folders = ['core', 'gateway', 'loadtest', 'queue-workers', 'scenarios', 'dashboards']
/** Built into one file, which is shipped; the sources of a page run in a browser. */
const pageSources = join(root, 'dashboards/live/page')
const notShipped = /\.test\.ts$|\.bench\.ts$|-fixture\.ts$/

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
compile()
for (const folder of folders) copyData(folder)
for (const file of ['README.md', 'LICENSE', 'docs']) {
  cpSync(join(root, file), join(dist, file), { recursive: true })
}
mkdirSync(join(dist, 'bin'))
const command = readFileSync(join(root, 'bin', 'ecluse'), 'utf8')
writeFileSync(join(dist, 'bin', 'ecluse'), asBuilt(command), { mode: 0o755 })
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
process.stdout.write(`${dist}\n`)

function compile() {
  const config = join(dist, 'tsconfig.json')
  const options = {
    noEmit: false,
    rootDir: root,
    outDir: dist,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    noUnusedLocals: false,
  }
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        ...options,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      include: folders.map((folder) => join(root, folder)),
      exclude: [
        pageSources,
        ...['**/*.test.ts', '**/*.bench.ts', '**/*-fixture.ts'].map((name) => join(root, name)),
      ],
    }),
  )
  const tsc = spawnSync('tsc', ['-p', config], { stdio: 'inherit' })
  rmSync(config)
  if (tsc.status !== 0) fail('the sources do not compile; npm run check says where.')
  for (const file of filesOf(dist)) {
    // Fixtures come along when a module that ships imports them; nothing may.
    if (notShipped.test(file.replace(/\.(d\.ts|js)$/, '.ts'))) fail(`${file} is not to be shipped.`)
    if (file.endsWith('.js')) writeFileSync(file, asBuilt(readFileSync(file, 'utf8')))
  }
}

/** Modules named by address rather than by import: threads, and the commands of bin/ecluse. */
function asBuilt(source) {
  return source.replaceAll(/(["'])(\.{1,2}\/[\w./-]+)\.ts\1/g, '$1$2.js$1')
}

/** Everything beside the sources that they read: policies, scenarios, schemas, pages. */
function copyData(folder) {
  const from = join(root, folder)
  if (!statSync(from, { throwIfNoEntry: false })) return
  for (const file of filesOf(from)) {
    if (extname(file) === '.ts' || file.startsWith(pageSources)) continue
    cpSync(file, join(dist, file.slice(root.length)), { recursive: true })
  }
}

function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
}

/** The manifest of what is installed: no scripts, no tools, and the Node of whoever installs it. */
function manifest() {
  const { name, version, description, license, type, engines, bin, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const exports = { './package.json': './package.json' }
  return { name, version, description, license, type, engines, bin, exports, dependencies }
}

function fail(why) {
  process.stderr.write(`package: ${why}\n`)
  process.exit(1)
}
