/** Questions that cells ask: sent to the I/O worker, answered on a port of their own, awaited or waited for. */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { Asker } from '../display/input.js'
import { Slot, type InputAnswer } from '../wire/link.js'
import type { Execution, ExecutionContext } from './context.js'
import { KernelInterrupt, type Interrupts } from './interrupt.js'
import type { Outputs } from './outputs.js'

/** A cell that blocks looks at the stop button this often. */
const lookMs = 50

export class Inputs implements Asker {
  private readonly waiting = new Map<number, (value: string) => void>()
  private question = 0

  constructor(
    private readonly port: MessagePort,
    private readonly shared: Int32Array,
    private readonly context: ExecutionContext,
    private readonly interrupts: Interrupts,
    private readonly outputs: Outputs,
  ) {
    port.on('message', (answer: InputAnswer) => this.receive(answer))
    // The sockets keep the process alive, not this port.
    port.unref()
  }

  ask(prompt: string, password: boolean): Promise<string> {
    const [question, { stopped }] = this.send(prompt, password)
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.waiting.delete(question)
        reject(new KernelInterrupt('stopped while it waited for input'))
      }
      stopped.addEventListener('abort', stop, { once: true })
      this.waiting.set(question, (value) => {
        stopped.removeEventListener('abort', stop)
        resolve(value)
      })
    })
  }

  askSync(prompt: string, password: boolean): string {
    const [question] = this.send(prompt, password)
    for (;;) {
      const seen = Atomics.load(this.shared, Slot.answers)
      for (let got = receiveMessageOnPort(this.port); got; got = receiveMessageOnPort(this.port)) {
        const answer = got.message as InputAnswer
        if (answer.question === question) return answer.value
        this.receive(answer)
      }
      this.interrupts.check()
      Atomics.wait(this.shared, Slot.answers, seen, lookMs)
    }
  }

  private send(prompt: string, password: boolean): [number, Execution] {
    const execution = this.context.current
    if (!execution?.allowStdin)
      throw new Error('input: this front end takes no input (it sent the cell with allow_stdin: false)')
    const question = ++this.question
    this.outputs.send({ type: 'input', id: execution.id, question, prompt, password })
    return [question, execution]
  }

  private receive({ question, value }: InputAnswer): void {
    this.waiting.get(question)?.(value)
    this.waiting.delete(question)
  }
}
