import type { ImpatientUsers, Slo } from './scenario.ts'

/** Service that a person calls normal; our own limits, as no contract of an ENT was found. */
export const defaultSlo: Slo = {
  p95Ms: 800,
  p99Ms: 3_000,
  errorRatio: 0.005,
  amplification: 1.05,
  saveP95Ms: 2000,
  writesLost: 0,
  pageDeadlineMs: 3_000,
}

/**
 * How people answer slowness. Assumed: informed by Nah 2004 and Rossi, Mellia and Casetti 2003; no
 * measurement on a school portal was found.
 */
export const defaultUsers: ImpatientUsers = {
  patienceMedianMs: 10_000,
  loginPatienceMedianMs: 15_000,
  patienceSigma: 0.8,
  refreshChance: 0.7,
  refreshDecay: 0.8,
  waitOnChance: 0.15,
  refreshAfterMeanMs: 3_000,
  complyChance: 0.9,
  complyJitterRatio: 0.2,
  scriptRetryMaxMs: 5_000,
  clickAgainChance: 0.5,
  reopenFormChance: 0.1,
  returnChance: 0.6,
  returnMedianMs: 900_000,
  returnSigma: 0.8,
  patienceInLineMedianMs: 600_000,
  patienceInLineSigma: 0.8,
}
