/**
 * `gradbook notebooks`: runs the course through the real kernel and binds what came out. Executed copies lie in book/notebooks,
 * the HTML book in book/; notebooks/ itself is not touched. One that fails does not keep the others from running.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { readNotebook } from '../notebook-file.js'
import { ensureNative } from './native-build.js'
import { CommandError, inRoot, isClone, root } from './project.js'

const book = inRoot('book')
const executed = join(book, 'notebooks')

const notebooksIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .sort()

/** All notebooks of the course in the order of their names, or those that `args` name, by file or by the start of a name. */
function chosen(args: readonly string[]): string[] {
  const all = notebooksIn(inRoot('notebooks'))
  if (args.length === 0) return all
  return args.flatMap((arg) => {
    const found = all.filter((name) => name.startsWith(basename(arg)))
    if (found.length === 0) throw new CommandError(`no notebook is named '${arg}'; there are: ${all.join(', ')}`)
    return found
  })
}

/** What a learner must not see: text on stderr, which the notebooks of the course have no reason to write. */
function printedErrors(path: string): string[] {
  const outputs = readNotebook(path).cells.flatMap((cell) => cell.outputs ?? [])
  return outputs.filter(({ name }) => name === 'stderr').map(({ text }) => [text].flat().join(''))
}

export async function notebooks(args: string[]): Promise<number> {
  if (!isClone) throw new CommandError('the notebooks are in the clone, not in the installed package')
  const names = chosen(args)
  ensureNative()
  const { runNotebook } = await import('../notebook-runner.js')
  const { bindBook } = await import('../book/book.js')
  if (args.length === 0) rmSync(book, { recursive: true, force: true })
  mkdirSync(executed, { recursive: true })

  const lines: string[] = []
  let failures = 0
  for (const name of names) {
    const output = join(executed, name)
    const started = performance.now()
    const problem = await runNotebook(inRoot('notebooks', name), { output, log: (line) => console.log(line) }).then(
      () => printedErrors(output)[0],
      (error: Error) => error.message,
    )
    if (problem !== undefined) failures++
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    lines.push(`${name}: ${problem === undefined ? 'ok' : 'failed'}, ${seconds} s${problem ? `\n${problem}` : ''}`)
  }
  const pages = notebooksIn(executed).filter((name) => existsSync(inRoot('notebooks', name)))
  const first = bindBook(
    pages.map((name) => join(executed, name)),
    book,
  )
  console.log(`\n${lines.join('\n')}\nThe book: ${join(relative(root, dirname(first)), basename(first))}`)
  return failures === 0 ? 0 : 1
}
