// Loaded before a process under test: serves one of our files changed, so that a protection is off.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { weakSpool } from '../spool/weak-spool.ts'
import { type MutantName, mutants } from './mutants.ts'

const all = { ...mutants, ...weakSpool }
const changes = all[process.env['ECLUSE_CHAOS_MUTANT'] as MutantName]?.changes ?? []

registerHooks({
  load: (url, context, next) => {
    const here = changes.filter(({ file }) => url.endsWith(file))
    if (here.length === 0) return next(url, context)
    let source = readFileSync(fileURLToPath(url), 'utf8')
    for (const { file, from, to } of here) {
      if (!source.includes(from)) throw new Error(`the mutant does not fit ${file} any more`)
      source = source.replace(from, to)
    }
    return { format: 'module-typescript', source, shortCircuit: true }
  },
})
