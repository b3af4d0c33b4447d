/** Runs a notebook without a front end: every cell goes through a real kernel process over the real protocol. */
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { KernelClient, type Executed } from './client.js'
import { hasTag, NotebookError, readNotebook, sourceOf, writeNotebook, type Notebook } from './notebook-file.js'
import { NotebookOutputs, stored, type Output } from './notebook-outputs.js'

export interface RunOptions {
  /** File for the executed notebook. Default: none is written. It is written too when a cell fails. */
  output?: string | undefined
  /** Longest time for one cell. Default: none. */
  timeoutSeconds?: number | undefined
  /** Called with a line as each cell finishes. Default: nothing is said. */
  log?: ((line: string) => void) | undefined
}

/** After a stop, a cell that still does not end is left alone. */
const stopPatienceMs = 5000

/**
 * Runs all code cells in order, in the notebook's folder. A cell tagged `raises-exception` may fail.
 * The file itself is not changed, unless `output` names it.
 * @throws NotebookError at the first cell that fails
 */
export async function runNotebook(
  path: string,
  { output, timeoutSeconds, log = () => {} }: RunOptions = {},
): Promise<void> {
  const notebook = readNotebook(path)
  if (output !== undefined) assertFolder(output)
  const kernel = await KernelClient.start({ cwd: dirname(resolve(path)) })
  try {
    await runCells(notebook, kernel, basename(path), timeoutSeconds, log)
  } finally {
    try {
      if (output !== undefined) writeNotebook(output, await described(notebook, kernel))
    } finally {
      await kernel.shutdown()
    }
  }
}

/** Said before minutes of work, not after. */
function assertFolder(output: string): void {
  const folder = dirname(resolve(output))
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new NotebookError(`cannot write ${output}: there is no folder ${folder}; create it first`)
}

async function runCells(
  { cells }: Notebook,
  kernel: KernelClient,
  name: string,
  timeoutSeconds: number | undefined,
  log: (line: string) => void,
): Promise<void> {
  const outputs = new NotebookOutputs()
  const parents = new Map<string, Output[]>()
  // Timers print after their cell has ended: outputs are taken as long as the kernel lives, not cell by cell.
  kernel.onIopub((message) => {
    const parent = parents.get(String(message.parentHeader.msg_id))
    if (parent) outputs.receive(message, parent)
  })
  const code = cells.filter((cell) => cell.cell_type === 'code')
  for (const cell of code) Object.assign(cell, { outputs: [], execution_count: null })
  // The compiler warms up here, so that a cell's time and its timeout are the cell's own.
  await kernel.execute('', { silent: true })
  for (const [index, cell] of code.entries()) {
    const source = sourceOf(cell)
    if (source.trim() === '') continue
    const title = `${name}: cell ${index + 1} of ${code.length}`
    const started = performance.now()
    const run = kernel.execute(source, {
      onOutput: ({ parentHeader }) => parents.set(String(parentHeader.msg_id), cell.outputs!),
    })
    const { content } = (await withTimeout(run, kernel, timeoutSeconds, title)).reply
    cell.execution_count = content['execution_count'] as number
    const failed = content['status'] !== 'ok'
    const allowed = hasTag(cell, 'raises-exception')
    const verdict = failed ? (allowed ? 'failed, as its tag allows' : 'failed') : 'ok'
    log(`${title}: ${verdict}, ${((performance.now() - started) / 1000).toFixed(1)} s`)
    if (failed && !allowed) throw new NotebookError(`${title} failed\n${(content['traceback'] as string[]).join('\n')}`)
  }
}

async function withTimeout(
  run: Promise<Executed>,
  kernel: KernelClient,
  seconds: number | undefined,
  title: string,
): Promise<Executed> {
  if (seconds === undefined) return run
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), seconds * 1000)))
  const first = await Promise.race([run, late])
  clearTimeout(timer)
  if (first !== 'late') return first
  await kernel.interrupt()
  // What it printed until now belongs into the executed notebook.
  await Promise.race([run, new Promise((resolve) => setTimeout(resolve, stopPatienceMs).unref())])
  throw new NotebookError(`${title} was stopped after ${seconds} s (--timeout)`)
}

/** The notebook in format 4.5, with ids for all cells and the kernel that ran it. */
async function described(notebook: Notebook, kernel: KernelClient): Promise<Notebook> {
  const info = await kernel.kernelInfo().catch(() => undefined)
  const kernelspec = { name: 'gradbook', display_name: 'TypeScript (gradbook)', language: 'typescript' }
  return {
    ...notebook,
    metadata: { ...notebook.metadata, kernelspec, ...(info && { language_info: info['language_info'] }) },
    nbformat_minor: Math.max(5, notebook.nbformat_minor),
    cells: notebook.cells.map((cell) => ({
      id: randomUUID().slice(0, 8),
      ...cell,
      ...(cell.outputs && { outputs: cell.outputs.map(stored) }),
    })),
  }
}
