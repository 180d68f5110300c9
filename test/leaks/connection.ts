import type { Socket } from 'node:net'
import { dial } from '../support/client.ts'
import { AnswerReader, type RawAnswer } from './raw-answer.ts'

interface Waiting {
  readonly method: string
  settle(answer: RawAnswer | Error | null): void
}

/** One kept-alive connection of our own making, for requests no HTTP client would write. */
export class Connection {
  readonly #url: string
  #socket: Socket | null = null
  #waiting: Waiting[] = []

  constructor(url: string) {
    this.#url = url
  }

  /**
   * Sends requests in one write and gives their answers in order. Null is an answer that never
   * came whole, because somebody closed; what makes no sense rejects.
   */
  send(
    requests: readonly { readonly method: string; readonly bytes: string }[],
  ): Promise<RawAnswer | null>[] {
    const answers = requests.map(({ method }) => this.#expect(method))
    this.#socket ??= this.#open()
    this.#socket.write(requests.map(({ bytes }) => bytes).join(''), 'latin1')
    return answers
  }

  /** Leaves, whatever is on its way. */
  abort(): void {
    this.#socket?.destroy()
  }

  #expect(method: string): Promise<RawAnswer | null> {
    return new Promise((resolve, reject) => {
      const settle = (answer: RawAnswer | Error | null): void => {
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
      this.#waiting.push({ method, settle })
    })
  }

  #open(): Socket {
    const socket = dial(this.#url)
    const reader = new AnswerReader()
    const end = (reason: Error | null): void => {
      if (this.#socket !== socket) return
      this.#socket = null
      const left = this.#waiting
      this.#waiting = []
      for (const { settle } of left) settle(reason)
      socket.destroy()
    }
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.add(chunk)
        for (;;) {
          const [first] = this.#waiting
          const answer = first ? reader.next(first.method) : null
          if (!first || answer === null) return
          this.#waiting.shift()
          first.settle(answer)
        }
      } catch (error) {
        end(error as Error)
      }
    })
    socket.on('error', () => end(null))
    socket.on('close', () => end(null))
    return socket
  }
}
