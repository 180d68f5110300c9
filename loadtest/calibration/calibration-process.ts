import { randomInt } from 'node:crypto'
import type { Profile } from '../schedule/profile.ts'
import type { Role } from '../schedule/session.ts'
import { calibratedProfile, type Suppressed } from './calibrated-profile.ts'
import { type LogTotals, readLogs } from './log-store.ts'
import { commonRules, type PageRule, pageClassifier } from './page-rules.ts'
import { VisitTally } from './visit-tally.ts'

export interface Calibration {
  readonly profile: Profile
  readonly suppressed: Suppressed
  readonly tally: VisitTally
  readonly totals: LogTotals
}

/** Reads the logs once and says what they amount to; of who asked for what nothing is left. */
export async function calibrate(ask: {
  readonly files: readonly string[]
  readonly name: string
  readonly k: number
  readonly rules: readonly PageRule[]
  /** What the logs cannot say comes from here. */
  readonly base: Profile
}): Promise<Calibration> {
  const { files, name, k, rules, base } = ask
  const tally = new VisitTally()
  const classify = pageClassifier([...rules, ...commonRules])
  let [answers, answersMs] = [0, 0]
  const totals = await readLogs({
    files,
    // Drawn anew each time and written nowhere: without it the hashes lead back to nobody.
    secret: randomInt(2 ** 47),
    onEntry: ({ atMs, visitor, target, host, role, answerMs }) => {
      const { page, role: byRule } = classify(target)
      if (page === 'none') return
      if (answerMs >= 0) {
        answers += 1
        answersMs += answerMs
      }
      tally.add({ atMs, visitor, page, host, role: byRule ?? roleOf(role) })
    },
  })
  tally.end()
  const answerMs = answers === 0 ? base.answerMs.value : Math.round(answersMs / answers)
  return { ...calibratedProfile(tally, { name, k, base, answerMs }), tally, totals }
}

const roleNames: Readonly<Record<string, Role>> = {
  pupil: 'pupil',
  student: 'pupil',
  eleve: 'pupil',
  parent: 'parent',
  relative: 'parent',
  tuteur: 'parent',
  teacher: 'teacher',
  enseignant: 'teacher',
  staff: 'staff',
  personnel: 'staff',
}

/** Whoever the log does not tell apart counts as a pupil. */
function roleOf(text: string): Role {
  return roleNames[text.toLowerCase()] ?? 'pupil'
}
