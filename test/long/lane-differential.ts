import { openPair, playOdd } from '../support/lane-pair.ts'

/** `npm run differential -- [connections] [seed]`: odd clients against two edges, one with the lane. */
const [connections = '9000', seed = String(process.pid)] = process.argv.slice(2)
const pair = await openPair()
const found = await playOdd(pair, Number(connections), { seed })
const count = (name: string): Promise<number> => pair.withLane.metric(name, '{class="files"}')
await new Promise((resolve) => setTimeout(resolve, 500))
console.log(
  found === undefined
    ? `${connections} connections of seed "${seed}": every byte the same; the lane gave ${await count('ecluse_hot_answers_total')} answers`
    : `DIFFERENT, ${found}`,
)
await pair.close()
process.exitCode = found === undefined ? 0 : 1
