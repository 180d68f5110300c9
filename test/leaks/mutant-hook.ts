// Loaded by `node --import mutant-hook.ts?NAME` before the edge, which then is the mutant of that name.
import { registerHooks } from 'node:module'
import { type MutantName, mutants, mutated, type Replacement, survivors } from './mutants.ts'

const name = decodeURIComponent(new URL(import.meta.url).search.slice(1)) as MutantName
const replacements: readonly Replacement[] = { ...mutants, ...survivors }[name]

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const here = replacements.filter(({ file }) => url.endsWith(`/${file}`))
    if (here.length === 0) return loaded
    const source = here.reduce(mutated, Buffer.from(loaded.source as Uint8Array).toString())
    return { ...loaded, source }
  },
})
