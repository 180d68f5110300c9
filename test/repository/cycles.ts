/** Which files each file imports, all as paths from the root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The first cycle there is, as the files on it in order, or undefined. O(files + imports). */
export function cycleIn(graph: ImportGraph): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (done.has(file)) return undefined
    const at = trail.indexOf(file)
    if (at !== -1) return [...trail.slice(at), file]
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}
