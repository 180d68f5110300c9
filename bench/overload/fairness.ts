/** Jain's index: 1 when all are equal, 1/n when one has everything. */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares)
}

interface Demand {
  readonly asked: number
  readonly served: number
  readonly weight: number
}

/**
 * What each would have had of all that was served, if it had been shared in proportion to weight and
 * nobody had been given more than they asked for (weighted max-min, by filling up).
 */
export function demandCappedShares(demands: readonly Demand[]): number[] {
  const shares = demands.map(() => 0)
  let left = demands.reduce((sum, { served }) => sum + served, 0)
  let open = demands.map((_, index) => index)
  while (open.length > 0) {
    const weight = open.reduce((sum, i) => sum + (demands[i] as Demand).weight, 0)
    const level = left / weight
    const isFull = (i: number): boolean =>
      (demands[i] as Demand).asked <= level * (demands[i] as Demand).weight
    const full = open.filter(isFull)
    if (full.length === 0) {
      for (const i of open) shares[i] = level * (demands[i] as Demand).weight
      break
    }
    for (const i of full) {
      shares[i] = (demands[i] as Demand).asked
      left -= (demands[i] as Demand).asked
    }
    open = open.filter((i) => !full.includes(i))
  }
  return shares
}
