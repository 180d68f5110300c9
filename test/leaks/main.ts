import { parseArgs } from 'node:util'
import { leakTrial } from './leak-trial.ts'

// npm run leaks -- [--requests N] [--seed TEXT]: the long form; about five minutes.
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now()) },
  },
})
const requests = Number(values.requests)
const { sent, answered, own, statuses, seconds, said, leak } = await leakTrial({
  seed: values.seed,
  requests,
})
console.log(
  `seed ${values.seed}: ${sent} requests in ${seconds.toFixed(1)} s, ${answered} answered`,
)
console.log(`bearing a canary of the asker’s own: ${JSON.stringify(own)}`)
console.log(`by status: ${JSON.stringify(statuses)}`)
if (said !== '') console.log(said)
console.log(leak ?? 'nobody read what is not theirs')
const isEnough = Object.values(own).every((count) => count >= 1000)
if (!isEnough) console.log('too few of a kind: each needs 1,000 answers of the asker’s own')
process.exitCode = leak === null && isEnough && said === '' ? 0 : 1
