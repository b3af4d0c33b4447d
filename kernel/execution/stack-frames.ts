/**
 * Stack traces in the user's terms. V8 asks this module for the text of every `error.stack`: positions in converted
 * cells become positions in what the user wrote, and frames of the kernel itself are left out. The frames are kept
 * beside the error for the traceback that a front end shows.
 */
import { isAbsolute } from 'node:path'
import type { CellPosition, CellSources } from './cell-sources.js'

export interface Frame {
  /** Empty at the top level of a cell. */
  name: string
  file: string
  line: number
  column: number
  /** Set when the frame is in a cell. */
  position?: CellPosition
}

const sectionFile = 'gradbook:section'
const kernelFolder = new URL('../', import.meta.url).href
/** Deep enough to reach the cell through a library; V8's own limit of 10 often is not. */
const stackLimit = 40

export class StackFrames {
  private readonly known = new WeakMap<object, Frame[]>()

  constructor(private readonly sources: CellSources) {
    Error.stackTraceLimit = stackLimit
    Error.prepareStackTrace = (error, sites) => {
      const frames = withoutKernel(sites.map((site) => this.frame(site)))
      this.known.set(error, frames)
      return [heading(error), ...frames.map((frame) => `    at ${describe(frame)}`)].join('\n')
    }
  }

  /** Frames of an error, innermost first; empty when it has none. Frames inside Node and V8 are left out. */
  of(error: Error): Frame[] {
    void error.stack // V8 calls prepareStackTrace on the first read
    return (this.known.get(error) ?? []).filter(({ file }) => file !== '' && !file.startsWith('node:'))
  }

  private frame(site: NodeJS.CallSite): Frame {
    const file = site.getFileName() ?? ''
    const line = site.getLineNumber() ?? 0
    const column = site.getColumnNumber() ?? 0
    const text = textOf(site)
    const open = text.indexOf(' (')
    // A top-level function of a cell is called as a property of the scope object; the user did not write that.
    const name = open < 0 ? '' : text.slice(0, open).replace(/(Object|\$)\./, '')
    const position = this.sources.locate(file, line, column)
    const isModuleBody = position && isAbsolute(file) && /^(async )?execute$/.test(name)
    return { name: isModuleBody ? '' : cleanName(name), file, line, column, ...(position && { position }) }
  }
}

/** `async train (file:5:11)`; the type leaves out that call sites have their own toString. */
const textOf = (site: { toString(): string }): string => site.toString()

/** `train (Cell [3]:5:11)` */
function describe({ name, file, line, column, position }: Frame): string {
  const at = position ? `${position.cell.label}:${position.line}:${position.column}` : `${file}:${line}:${column}`
  return name ? `${name} (${at})` : at
}

function cleanName(name: string): string {
  return /^(async )?(<anonymous>|eval)$/.test(name) ? '' : name
}

/** Without the kernel's frames and those of Node through which the kernel calls a cell. */
function withoutKernel(frames: readonly Frame[]): Frame[] {
  let entering = false
  return frames.filter(({ file }) => {
    entering = file === sectionFile || (entering && file === 'node:vm')
    return !entering && !file.startsWith(kernelFolder)
  })
}

function heading(error: unknown): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error' // a getter or toString of the error's own threw
  }
}
