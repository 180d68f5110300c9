import { z } from 'zod'
import { schoolJourneys } from '../../scenarios/journeys/school-journeys.ts'
import type { JourneyName } from '../../scenarios/journeys/journey.ts'
import { defaultSlo, defaultUsers } from './scenario-defaults.ts'
import type { Profile } from './profile.ts'
import type { Scenario } from './scenario.ts'

const ratio = z.number().min(0).max(1)
const factor = z.number().positive().max(100)
const sigma = z.number().min(0).max(3)
const ms = z.number().min(0).max(86_400_000)
const name = z.string().regex(/^[a-z][a-z0-9-]*$/)
const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)

const phase = z.strictObject({
  name: z.enum(['before', 'rise', 'peak', 'after']),
  from: clock,
  to: clock,
  share: z.number().positive().max(1),
  loadFactor: factor.optional(),
})

const users = z.strictObject({
  patienceMedianMs: ms,
  loginPatienceMedianMs: ms,
  patienceSigma: sigma,
  refreshChance: ratio,
  refreshDecay: ratio,
  waitOnChance: ratio,
  refreshAfterMeanMs: ms,
  complyChance: ratio,
  complyJitterRatio: ratio,
  scriptRetryMaxMs: ms,
  clickAgainChance: ratio,
  reopenFormChance: ratio,
  returnChance: ratio,
  returnMedianMs: ms,
  returnSigma: sigma,
  patienceInLineMedianMs: ms,
  patienceInLineSigma: sigma,
})

const slo = z.strictObject({
  p95Ms: ms,
  p99Ms: ms,
  errorRatio: ratio,
  amplification: z.number().min(1).max(100),
  saveP95Ms: ms,
  writesLost: z.number().int().min(0),
  pageDeadlineMs: ms.min(1),
})

const figure = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    value,
    basis: z.enum(['published', 'derived', 'assumed']),
    source: z.string().min(1),
  })

const window = { from: clock, to: clock }
const minutes = z.number().positive().max(1_440)

const shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('even'), ...window }),
  z.strictObject({ kind: z.literal('step'), ...window, halfLifeMinutes: minutes }),
  z.strictObject({ kind: z.literal('triangle'), ...window, peak: clock }),
  z.strictObject({ kind: z.literal('deadline'), ...window, meanMinutes: minutes }),
  z.strictObject({ kind: z.literal('aligned'), ...window, everyMinutes: minutes }),
  z.strictObject({
    kind: z.literal('class-burst'),
    ...window,
    readShare: ratio.refine((share) => share > 0),
    meanDelayMinutes: minutes,
  }),
])

const crowd = z.strictObject({
  name,
  journey: z.enum(Object.keys(schoolJourneys) as [JourneyName, ...JourneyName[]]),
  role: z.enum(['pupil', 'parent', 'teacher', 'staff']),
  visits: figure(z.number().positive().max(100_000_000)),
  shape,
})

const disturbance = z.strictObject({
  ...window,
  faults: z.strictObject({
    slowFactor: z.number().min(0.01).max(1_000).optional(),
    errorShare: ratio.optional(),
    stalled: z.boolean().optional(),
    identitySlowMs: z.number().min(0).max(600_000).optional(),
    refuseLogins: z.boolean().optional(),
  }),
})

const schools = z.discriminatedUnion('kind', [
  // Above 3.86 no log-normal has such a 95th percentile.
  z.strictObject({ kind: z.literal('spread'), p95OverMean: z.number().gt(1).max(3.8) }),
  z.strictObject({
    kind: z.literal('region'),
    share: z.number().gt(0).max(0.99),
    factor: z.number().positive().max(1_000),
  }),
])

const emphasis = z.strictObject({
  services: z.record(z.string().min(1), factor).default({}),
  roles: z
    .strictObject({
      pupil: factor.optional(),
      parent: factor.optional(),
      teacher: factor.optional(),
      staff: factor.optional(),
    })
    .default({}),
})

/** What a scenario file may hold; the published JSON Schema is generated from this. */
export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  name,
  title: z.strictObject({ fr: z.string().min(1), en: z.string().min(1) }),
  event: z.string().min(1),
  profile: name,
  day: z.enum(['baseline', 'closure']),
  portal: z.enum(['reference']),
  multipliers: z.strictObject({ sessions: factor, pages: factor, duration: factor }),
  slo: slo.default(defaultSlo),
  users: users.default(defaultUsers),
  capacity: z.strictObject({ surgeOverCapacity: factor }),
  run: z.strictObject({
    armSeconds: z.number().min(10).max(86_400),
    thinkCompression: z.number().min(1).max(60),
  }),
  phases: z.array(phase).min(1).max(20),
  figures: z
    .record(z.string().min(1), figure(z.union([z.number(), z.string().min(1)])))
    .default({}),
  emphasis: emphasis.default({ services: {}, roles: {} }),
  schools: schools.optional(),
  crowds: z.array(crowd).max(20).default([]),
  disturbances: z.array(disturbance).max(20).default([]),
}) satisfies z.ZodType<Scenario>

const byRole = <T extends z.ZodType>(value: T) =>
  z.strictObject({ pupil: value, parent: value, teacher: value, staff: value })

const visit = z.strictObject({
  visits: z.number().min(0),
  pages: z.number().min(1.05).max(100),
  minutes: z.number().positive().max(600),
})

const pulses = z.strictObject({
  factor: z.number().min(1).max(6),
  aroundHours: z.array(z.number().int().min(0).max(23)),
  minutesBefore: z.number().int().min(0).max(5),
  minutesAfter: z.number().int().min(0).max(5),
})

const service = z.strictObject({
  service: z.string().min(1),
  share: ratio,
  pages: z.array(z.string().min(1)).min(1),
})

const day = z.strictObject({
  visits: figure(byRole(visit)),
  hourlyShare: figure(z.array(ratio).length(24)),
  fiveMinuteShare: figure(z.array(ratio).length(288)).optional(),
  arrivalShare: figure(z.array(ratio).length(288)).optional(),
  pulses: figure(pulses),
  services: figure(z.array(service).min(1)),
})

const weekFactor = z.number().min(0).max(10)

const count = z.number().int().positive()

/** What a profile file may hold. */
export const profileSchema = z.strictObject({
  name,
  accounts: figure(byRole(count)),
  schools: figure(count),
  classes: figure(count),
  days: z.strictObject({ baseline: day, closure: day }),
  week: figure(
    z.strictObject({
      monday: weekFactor,
      tuesday: weekFactor,
      wednesday: weekFactor,
      thursday: weekFactor,
      friday: weekFactor,
      saturday: weekFactor,
      sunday: weekFactor,
    }),
  ),
  pagesSigma: figure(sigma),
  gapSigma: figure(sigma),
  pagesCumulative: figure(z.array(ratio).min(2).max(1_000)).optional(),
  pagesMax: figure(count),
  gapMaxMs: figure(ms),
  thinkMinMs: figure(ms),
  answerMs: figure(ms),
  logoutShare: figure(ratio),
  itemZipfExponent: figure(z.number().min(0).max(3)),
  itemsPerSchool: figure(count),
}) satisfies z.ZodType<Profile>

/** The JSON Schema that editors use for scenario files. */
export function publishedScenarioSchema(): Record<string, unknown> {
  return {
    // What may be left out is not required: the schema is of the file, not of what is read from it.
    ...z.toJSONSchema(scenarioSchema, { io: 'input' }),
    title: 'Écluse scenario',
  }
}
