// Everything `npm run rehearse` and `npm test` need, found or installed. Plain JavaScript without
// dependencies: it runs before they are there, on whatever Node the system has (18 or newer).
// Idempotent; with nothing to do it reads three files and ends.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.ecluse-setup')

/** Programs that npm does not carry: which file proves they are there, and who offers them. */
const programs = {
  redis: {
    anyOf: ['redis-server', 'valkey-server'],
    apt: 'redis-server',
    brew: 'redis',
    needs: 'queue, limits and their tests',
  },
  browser: {
    anyOf: ['chromium', 'google-chrome', 'chromium-browser'],
    apt: 'chromium',
    brew: 'chromium',
    needs: 'tests of the pages people see',
  },
  prometheus: {
    anyOf: ['promtool'],
    apt: 'prometheus',
    brew: 'prometheus',
    needs: 'tests of rules, alerts and dashboards',
  },
  haproxy: {
    anyOf: ['haproxy'],
    apt: 'haproxy',
    brew: 'haproxy',
    needs: 'tests of what stands in front',
  },
  nginx: {
    anyOf: ['nginx'],
    apt: 'nginx-light',
    brew: 'nginx',
    needs: 'tests of what stands in front',
  },
}

const wanted = process.argv.includes('--tests') ? Object.keys(programs) : ['redis']
installPackages()
for (const name of wanted) ensureProgram(programs[name])

function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  say('installing the packages of package-lock.json (about a minute the first time)')
  run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'])
  writeFileSync(stamp, digest)
}

function ensureProgram(program) {
  if (program.anyOf.some(isOnPath)) return
  const isRoot = process.getuid?.() === 0
  if (isOnPath('apt-get') && (isRoot || maySudo())) {
    say(`installing ${program.apt} with apt-get (${program.needs})`)
    const apt = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get']
    installWithApt(apt, program.apt)
  } else if (isOnPath('brew')) {
    say(`installing ${program.brew} with brew (${program.needs})`)
    run('brew', ['install', program.brew])
  }
  if (program.anyOf.some(isOnPath)) return
  stop(`${program.anyOf[0]} is missing (${program.needs}). Type: ${remedy(program)}`)
}

function installWithApt([command, ...prefix], name) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const install = [...prefix, 'install', '-y', '-qq', '--no-install-recommends', name]
  if (quiet(command, install, options) === 0) return undoService(name)
  quiet(command, [...prefix, 'update', '-qq'], options)
  if (quiet(command, install, options) === 0) return undoService(name)
  return undefined
}

/** Debian starts a service it installs; we came for the program alone and start our own. */
function undoService(name) {
  if (!existsSync('/run/systemd/system')) return
  const service = name === 'nginx-light' ? 'nginx' : name
  if (name !== 'chromium') quiet('systemctl', ['disable', '--now', service], {})
}

function remedy(program) {
  if (isOnPath('apt-get')) return `sudo apt-get install -y ${program.apt}`
  if (isOnPath('brew')) return `brew install ${program.brew}`
  return `install ${program.anyOf.join(' or ')} with your system's package manager`
}

function isOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)))
}

function maySudo() {
  return isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
}

function run(command, parameters) {
  const done = spawnSync(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (done.status !== 0)
    stop(`"${command} ${parameters.join(' ')}" failed; its own words are above.`)
}

function quiet(command, parameters, options) {
  return spawnSync(command, parameters, { stdio: ['ignore', 'ignore', 'inherit'], ...options })
    .status
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

function stop(text) {
  process.stderr.write(`setup: ${text}\n`)
  process.exit(2)
}
