/** Notebook files (nbformat 4): their parts, read and written whole. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CommandError } from './commands/project.js'
import type { Output } from './notebook-outputs.js'
import type { Json } from './wire/messages.js'

/** A notebook cannot be read, a cell failed or took too long; the message says which and why. */
export class NotebookError extends CommandError {
  override readonly name = 'NotebookError'
}

export interface Cell extends Json {
  id?: string
  cell_type: string
  source: string | string[]
  metadata: Json & { tags?: unknown }
  outputs?: Output[]
  execution_count?: number | null
}

export interface Notebook extends Json {
  nbformat: number
  nbformat_minor: number
  metadata: Json
  cells: Cell[]
}

export const sourceOf = (cell: Cell): string => [cell.source].flat().join('')

export const hasTag = ({ metadata }: Cell, tag: string): boolean =>
  Array.isArray(metadata.tags) && metadata.tags.includes(tag)

export function readNotebook(path: string): Notebook {
  let notebook: Partial<Notebook> | null
  try {
    notebook = JSON.parse(readFileSync(path, 'utf8')) as Partial<Notebook> | null
  } catch (error) {
    throw new NotebookError(`cannot read the notebook ${path}: ${(error as Error).message}`)
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells))
    throw new NotebookError(`${path} is not a notebook of format 4 (nbformat: ${JSON.stringify(notebook?.nbformat)})`)
  return { metadata: {}, nbformat_minor: 5, ...notebook } as Notebook
}

/** By a new file that takes the old one's place: a reader never sees half a notebook. */
export function writeNotebook(path: string, notebook: Notebook): void {
  const temporary = join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.tmp`)
  try {
    writeFileSync(temporary, JSON.stringify(notebook, null, 1) + '\n')
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
