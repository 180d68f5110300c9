import { addressGroups, isWithin, readNetwork } from '../../core/ip-address.ts'
import type { MachineClient } from '../policy/policy.ts'

/** Finds the declared machine client behind an address, or null. O(declared networks). */
export type MachineFinder = (address: string) => MachineClient | null

/** Prepares the declared clients of a policy; done once for each policy. */
export function machineFinder(machines: readonly MachineClient[] = []): MachineFinder {
  const networks = machines.flatMap((machine) =>
    machine.addresses.flatMap((text) => {
      const network = readNetwork(text)
      return network === null ? [] : [{ machine, network }]
    }),
  )
  if (networks.length === 0) return () => null
  return (address) => {
    const groups = addressGroups(address)
    if (groups === null) return null
    return networks.find(({ network }) => isWithin(groups, network))?.machine ?? null
  }
}
