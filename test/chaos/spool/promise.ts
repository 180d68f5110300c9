/** What is stored under an id of the recording: some pages long, and told again from the id alone. */
export function jobOf(id: string): string {
  const length = 200 + ((Number(id.slice(1)) * 7_919) % 6_000)
  return JSON.stringify({ id, text: `${id} `.repeat(length).slice(0, length) })
}
