/** The fingerprint in an asset's address: FNV-1a of its name, eight hexadecimal digits. */
export function fingerprintOf(name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
