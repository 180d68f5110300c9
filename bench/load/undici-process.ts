import { Client, type Dispatcher } from 'undici'

/** Bare undici `dispatch`: so many connections, one request after another, nothing kept. */
const [target = '', connections = '', seconds = ''] = process.argv.slice(2)
const headers = ['user-agent', 'bench', 'cookie', 'PORTALSESSION=0123456789abcdef0123456789abcdef']
let answers = 0

class Asking implements Dispatcher.DispatchHandler {
  private readonly client = new Client(target, { pipelining: 1 })

  ask(): void {
    this.client.dispatch({ method: 'GET', path: '/api/1/u1', headers }, this)
  }

  onResponseEnd(): void {
    answers += 1
    this.ask()
  }

  onResponseError(_: unknown, error: Error): never {
    throw error
  }

  // undici insists on these, even when there is nothing to do.
  onRequestStart(): void {}
  onResponseStart(): void {}
  onResponseData(): void {}
}

for (let i = 0; i < Number(connections); i += 1) new Asking().ask()
setTimeout(() => {
  const text = `${JSON.stringify({ requests: answers, seconds: Number(seconds) })}\n`
  process.stdout.write(text, () => process.exit(0))
}, Number(seconds) * 1000)
