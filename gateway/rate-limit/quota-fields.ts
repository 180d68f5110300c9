import type { Charge, Standing } from './charge.ts'

/**
 * The lines that tell a client where it stands (draft-ietf-httpapi-ratelimit-headers-11): `q` units
 * in `w` seconds, `r` left, full again in `t` seconds.
 */
export function quotaFields({ name, quota }: Charge, standing: Standing): readonly string[] {
  const remaining = Math.max(0, standing.remaining)
  const reset = Math.ceil(standing.resetMs / 1_000)
  return [
    'ratelimit-policy',
    `"${name}";q=${Math.floor(quota.perMinute)};w=60`,
    'ratelimit',
    `"${name}";r=${remaining};t=${reset}`,
  ]
}
