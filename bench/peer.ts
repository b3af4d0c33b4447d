/** PyTorch in a process of its own, asked case by case so that both sides meet the same state of the machine. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../lib/device/addon.js'
import { installedFolder } from '../lib/vision/datasets/mnist.js'

export class TorchPeer {
  private readonly answers: AsyncIterator<string>
  private errors = ''

  private constructor(private readonly process: ChildProcessWithoutNullStreams) {
    this.answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
    process.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()))
  }

  /** null when there is no Python with PyTorch: GRADBOOK_TORCH_PYTHON, else python3. */
  static async start(threads: number): Promise<TorchPeer | null> {
    const python = process.env.GRADBOOK_TORCH_PYTHON ?? 'python3'
    const child = spawn(python, [join(packageRoot(), 'bench', 'peers', 'torch_peer.py'), String(threads)], {
      env: { ...process.env, GRADBOOK_MNIST: installedFolder() },
    })
    const failed = once(child, 'error').then(() => null)
    const left = once(child, 'exit').then(() => null)
    const peer = new TorchPeer(child)
    const ready = peer.milliseconds('add 4x4').then(
      () => peer,
      () => null,
    )
    return Promise.race([ready, failed, left])
  }

  /** The median time of a case. */
  async milliseconds(name: string): Promise<number> {
    return Number(await this.answer(name))
  }

  /** What the peer says to a case; nothing where it lacks what the case needs. */
  async answer(name: string): Promise<string> {
    this.process.stdin.write(`${name}\n`)
    const answer = await this.answers.next()
    if (answer.done) throw new Error(`bench: the peer failed at '${name}':\n${this.errors}`)
    return answer.value
  }

  close(): void {
    this.process.stdin.end()
  }
}
