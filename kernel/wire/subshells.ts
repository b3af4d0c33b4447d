/**
 * Subshells (JEP 91): further queues of cells beside the main one. Cells of different queues run at the same time where
 * they await; each queue keeps its own order and its own stop_on_error. Names and variables are shared.
 */
import { randomUUID } from 'node:crypto'
import { ExecutionQueue } from './execution-queue.js'
import type { Outcome } from './link.js'
import type { Message } from './messages.js'
import { RequestError } from './requests.js'

export class Subshells {
  private readonly queues = new Map<string, ExecutionQueue>()
  /** Deleted while a cell ran: kept until that one has ended. */
  private readonly leaving = new Set<ExecutionQueue>()

  constructor(
    private readonly main: ExecutionQueue,
    private readonly makeQueue: () => ExecutionQueue,
  ) {}

  create(): string {
    const id = randomUUID()
    this.queues.set(id, this.makeQueue())
    return id
  }

  /** Its waiting cells are aborted; one that runs goes on to its end. @throws RequestError when there is none of this name */
  delete(id: string): void {
    const queue = this.queues.get(id)
    if (!queue) throw new RequestError(`there is no subshell '${id}'`)
    queue.abort()
    this.queues.delete(id)
    if (queue.isRunning) this.leaving.add(queue)
  }

  list(): string[] {
    return [...this.queues.keys()]
  }

  /** The queue that a request is meant for; undefined when it names a subshell that does not exist. */
  of({ header }: Message): ExecutionQueue | undefined {
    return header.subshell_id ? this.queues.get(header.subshell_id) : this.main
  }

  /** The main thread has run a cell. */
  finish(id: number, outcome: Outcome): void {
    for (const queue of this.all()) void queue.finish(id, outcome)
    for (const queue of this.leaving) if (!queue.isRunning) this.leaving.delete(queue)
  }

  /** Publishes busy once more for every cell that runs. */
  repeatBusy(): void {
    for (const queue of this.all()) queue.repeatBusy()
  }

  private all(): ExecutionQueue[] {
    return [this.main, ...this.queues.values(), ...this.leaving]
  }
}
