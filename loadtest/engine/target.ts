import { Failure } from '../../core/failure.ts'

/** Codes of what can stop a run before it begins. */
export type LoadFailureCode = 'target-refused' | 'target-unreachable'

/** The target, checked; sources can be spread only where the whole of 127/8 is ours. */
export interface LoadTarget {
  /** Scheme, host and port. */
  readonly origin: string
  readonly maySpreadSources: boolean
}

/** Reads an address given by a flag; throws `target-refused` for all that leaves this machine. */
export function readTarget(text: string, flag = '--target'): LoadTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.protocol !== 'http:' || url.pathname !== '/' || url.search !== '') {
    throw refused(flag, `expected an address like http://127.0.0.1:8080, found "${text}"`)
  }
  const isIpv4 = /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
  if (!isIpv4 && url.hostname !== 'localhost' && url.hostname !== '[::1]') {
    throw refused(
      flag,
      `${url.hostname} is not this machine; rehearsals stay on loopback (127.0.0.0/8, ::1,` +
        ' localhost) until a rehearsal of a real portal can be authorised',
    )
  }
  return { origin: url.origin, maySpreadSources: isIpv4 }
}

function refused(flag: string, reason: string): Failure {
  return new Failure({
    code: 'target-refused' satisfies LoadFailureCode,
    message: `${flag}: ${reason}.`,
    source: 'client',
  })
}
