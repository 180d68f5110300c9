import { spawnSync } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { availableParallelism, freemem, tmpdir } from 'node:os'

/** One fact about this machine, and what to do when it is not as it should be. */
interface Finding {
  readonly name: string
  readonly found: string
  readonly isFine: boolean
  /** What does without it, and the command that mends it. */
  readonly remedy: string
}

/** Command `doctor`: says what is missing on this machine for a rehearsal and for the tests. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    const isHelp = argv[0] === '--help'
    const out = isHelp ? process.stdout : process.stderr
    out.write('Usage: ecluse doctor\n\nSays what is missing on this machine; changes nothing.\n')
    return isHelp ? 0 : 2
  }
  const findings = examine()
  for (const { name, found, isFine, remedy } of findings) {
    const advice = isFine ? '' : `\n          ${remedy}`
    console.log(`${isFine ? 'fine    ' : 'MISSING '}  ${name}: ${found}${advice}`)
  }
  return findings.every(({ isFine }) => isFine) ? 0 : 2
}

const mib = 1024 ** 2

function examine(): Finding[] {
  const major = Number(process.versions.node.split('.')[0])
  const disk = statfsSync(tmpdir())
  const freeDisk = disk.bavail * disk.bsize
  return [
    {
      name: 'Node',
      found: process.versions.node,
      isFine: major >= 24,
      remedy: 'npm run setup installs the Node that npm run uses',
    },
    program('Redis', ['redis-server', 'valkey-server'], 'the rehearsal and the queue need it'),
    program(
      'Chromium',
      ['chromium', 'google-chrome', 'chromium-browser'],
      'tests of pages need it',
    ),
    {
      name: 'processor cores',
      found: String(availableParallelism()),
      isFine: availableParallelism() >= 2,
      remedy: 'on one core the load engine disturbs what it measures; choose a smaller --scale',
    },
    {
      name: 'free memory',
      found: `${Math.floor(freemem() / mib)} MiB`,
      isFine: freemem() > 2_000 * mib,
      remedy: 'a rehearsal takes up to 2 GB; choose a smaller --scale',
    },
    {
      name: `free disk in ${tmpdir()}`,
      found: `${Math.floor(freeDisk / mib)} MiB`,
      isFine: freeDisk > 200 * mib,
      remedy: 'the rehearsal keeps its Redis and ledgers there; set TMPDIR to another folder',
    },
  ]
}

function program(name: string, anyOf: readonly string[], need: string): Finding {
  for (const one of anyOf) {
    const asked = spawnSync(one, ['--version'], { encoding: 'utf8', timeout: 10_000 })
    if (asked.status === 0) {
      const found = (asked.stdout.split('\n')[0] ?? one).trim()
      return { name, found, isFine: true, remedy: '' }
    }
  }
  return {
    name,
    found: 'not on PATH',
    isFine: false,
    remedy: `${need}; npm run setup installs it or says how`,
  }
}
