/** Runs cells in which lines are magics or commands; kernel/language/magics.ts says which, and documents them. */
import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { relative, resolve } from 'node:path'
import { findMagic, magics, otherUsage } from '../language/magics.js'
import type { Language, Segment, TypeMode } from '../language/protocol.js'
import type { Execution } from './context.js'
import type { Interrupts } from './interrupt.js'
import type { Outputs } from './outputs.js'
import type { Scope } from './runtime.js'
import { describeScope } from './scope-table.js'
import { runShell } from './shell.js'
import { timeMany, timeOnce, type Repeat } from './timing.js'
import { unknownMagic, wrongForm } from './unknown-magic.js'

type MagicSegment = Extract<Segment, { kind: 'magic' }>
type ShellSegment = Extract<Segment, { kind: 'shell' }>

/** TypeScript that is ready to run, once or many times. */
export interface Prepared {
  run(): Promise<unknown>
  makeRepeat(): Repeat
}

/** Makes TypeScript ready: converts it, shows its warnings. */
export type Prepare = (code: string) => Promise<Prepared>

/** What users may change while a session runs. */
export interface Settings {
  types: TypeMode
}

export interface MagicParts {
  language: Pick<Language, 'reset'>
  scope: Scope
  settings: Settings
  outputs: Outputs
  interrupts: Interrupts
  /** The cells of this session, by number. */
  inputs: ReadonlyMap<number, string>
  forgetResult: () => void
}

/** A magic that does not exist or was called wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const typeModes: readonly TypeMode[] = ['warn', 'strict', 'off']

export function isTypeMode(text: string): text is TypeMode {
  return (typeModes as readonly string[]).includes(text)
}

const linesKey = 'gradbook.lines'

export class MagicRunner {
  private lastFolder = process.cwd()

  constructor(private readonly parts: MagicParts) {}

  /** Runs the pieces of a cell one after the other. The value is that of the last one. */
  async run(segments: readonly Segment[], execution: Execution, prepare: Prepare): Promise<unknown> {
    let value: unknown
    for (const segment of segments) {
      if (segment.kind === 'code') value = await (await prepare(segment.code)).run()
      else if (segment.kind === 'shell') value = await this.shell(segment, execution, prepare)
      else value = await this.magic(segment, execution, prepare)
    }
    return value
  }

  private print(text: string, execution: Execution): void {
    this.parts.outputs.stream('stdout', text.endsWith('\n') ? text : `${text}\n`, execution)
  }

  private async shell(
    { command, target }: Pick<ShellSegment, 'command' | 'target'>,
    execution: Execution,
    prepare: Prepare,
  ): Promise<unknown> {
    if (/^cd\s+[^;&|]+$/.test(command))
      this.warn(`!${command} changes the folder of that command alone; the notebook's: %${command}`, execution)
    if (target === undefined) {
      const ended = await this.command(command, execution)
      if (ended !== 0) this.warn(describeEnd(ended), execution)
      return undefined
    }
    let output = ''
    const ended = await this.command(command, execution, { capture: (text) => (output += text) })
    if (ended !== 0) this.warn(describeEnd(ended), execution)
    const lines = output === '' ? [] : output.replace(/\r?\n$/, '').split(/\r?\n/)
    Reflect.set(globalThis, Symbol.for(linesKey), lines)
    const code = `${target}Reflect.get(globalThis, Symbol.for('${linesKey}')) as string[]`
    const value = await (await prepare(code)).run()
    Reflect.deleteProperty(globalThis, Symbol.for(linesKey))
    return value
  }

  private warn(text: string, execution: Execution): void {
    this.parts.outputs.stream('stderr', `${text}\n`, execution)
  }

  private async command(
    command: string,
    execution: Execution,
    { shell = 'sh', capture }: { shell?: 'sh' | 'bash'; capture?: (text: string) => void } = {},
  ): Promise<number | string> {
    const { outputs, interrupts } = this.parts
    const ended = runShell(command, {
      shell,
      stopped: execution.stopped,
      write: (name, text) => (name === 'stdout' && capture ? capture(text) : outputs.stream(name, text, execution)),
    })
    interrupts.watch(execution, ended)
    return await Promise.race([ended, execution.givenUp])
  }

  private async magic(segment: MagicSegment, execution: Execution, prepare: Prepare): Promise<unknown> {
    const { form, argument, body, segments = [] } = segment
    const magic = findMagic(segment.name)
    if (!magic) throw new UsageError(unknownMagic(form, segment.name))
    const { name } = magic
    if (argument === '?') return this.print(`${magic.usage}\n${magic.about}`, execution)
    if (!magic.forms.includes(form)) throw new UsageError(wrongForm(form, name))
    if (form === 'cell' && body.trim() === '' && name !== 'writefile')
      throw new UsageError(`%%${name} stands in the first line of a cell, above what it is about`)
    switch (name) {
      case 'time':
      case 'timeit': {
        if (segments.every((part) => part.kind === 'code' && part.code.trim() === ''))
          throw new UsageError(`%${name} needs code: %${name} x.matmul(x)`)
        return name === 'time' ? this.time(segments, execution, prepare) : this.timeit(segments, execution, prepare)
      }
      case 'sh':
      case 'bash':
        return this.script(body, execution, name)
      case 'ls':
        return this.shell({ command: `ls ${argument}` }, execution, prepare)
      case 'writefile':
        return this.print(writeFile(argument, body), execution)
      case 'history':
        return this.print(this.listHistory(argument), execution)
      case 'who':
        return this.print(Object.keys(this.parts.scope).sort().join('   ') || 'No names are declared.', execution)
      case 'whos':
        return this.print(describeScope(this.parts.scope), execution)
      case 'reset':
        return this.reset()
      case 'pwd':
        return this.print(process.cwd(), execution)
      case 'cd':
        return this.print(this.changeFolder(argument), execution)
      case 'env':
        return this.print(environment(argument), execution)
      case 'types':
        return this.print(`types: ${this.setTypes(argument)}`, execution)
      case 'magics':
        return this.print(listOfMagics(), execution)
    }
  }

  /** Conversion is not part of what is timed. */
  private async time(segments: readonly Segment[], execution: Execution, prepare: Prepare): Promise<unknown> {
    const [only] = segments
    const prepared = segments.length === 1 && only.kind === 'code' ? await prepare(only.code) : undefined
    const { value, text } = await timeOnce(() => prepared?.run() ?? this.run(segments, execution, prepare))
    this.print(text, execution)
    return value
  }

  private async timeit([part]: readonly Segment[], execution: Execution, prepare: Prepare): Promise<void> {
    if (part.kind !== 'code') return
    const prepared = await prepare(part.code)
    this.print(await timeMany(prepared.makeRepeat()), execution)
  }

  private async script(body: string, execution: Execution, shell: 'sh' | 'bash'): Promise<void> {
    const ended = await this.command(body, execution, { shell })
    if (ended !== 0) throw new Error(`%%${shell}: ${describeEnd(ended)}`)
  }

  private listHistory(argument: string): string {
    const wanted = argument === '' ? Infinity : Number(argument)
    if (Number.isNaN(wanted)) throw new UsageError(`%history: '${argument}' is not the number of a cell`)
    const cells = [...this.parts.inputs].filter(([number]) => wanted === Infinity || number === wanted)
    if (cells.length === 0) throw new UsageError(`%history: there was no cell [${argument}] in this session`)
    return cells.map(([number, code]) => `// [${number}]\n${code}`).join('\n\n')
  }

  private async reset(): Promise<void> {
    this.parts.forgetResult()
    for (const name of Object.keys(this.parts.scope)) Reflect.deleteProperty(this.parts.scope, name)
    await this.parts.language.reset()
  }

  private changeFolder(argument: string): string {
    const before = process.cwd()
    if (argument === '') return before
    const folder = argument === '-' ? this.lastFolder : localPath(argument)
    try {
      process.chdir(folder)
    } catch (error) {
      throw new UsageError(`%cd: cannot change to ${folder}: ${(error as Error).message.split(',')[0]}`)
    }
    this.lastFolder = before
    return process.cwd()
  }

  private setTypes(argument: string): TypeMode {
    const { settings } = this.parts
    if (argument === '') return settings.types
    if (!isTypeMode(argument)) throw new UsageError(`%types: '${argument}' is none of ${typeModes.join(', ')}`)
    return (settings.types = argument)
  }
}

/** Through a temporary file, so that whoever reads it meanwhile gets the old text or the new one. */
function writeFile(argument: string, text: string): string {
  const [, option, named] = /^(-a\s+)?(.+)$/.exec(argument) ?? []
  if (named === undefined) throw new UsageError('%%writefile needs a name: %%writefile helpers.ts')
  const file = localPath(named)
  const content = text.endsWith('\n') || text === '' ? text : `${text}\n`
  const exists = existsSync(file)
  try {
    if (option !== undefined) appendFileSync(file, content)
    else {
      const temporary = `${file}.${process.pid}`
      writeFileSync(temporary, content)
      renameSync(temporary, file)
    }
  } catch (error) {
    throw new UsageError(`%%writefile: cannot write ${file}: ${(error as Error).message.split(',')[0]}`)
  }
  return `${option !== undefined ? 'Appended to' : exists ? 'Overwrote' : 'Wrote'} ${relative(process.cwd(), file)}`
}

/** A path as the user writes it: perhaps quoted, perhaps in the home folder. */
function localPath(named: string): string {
  return resolve(named.replace(/^(['"])(.*)\1$/, '$2').replace(/^~(?=$|\/)/, homedir()))
}

function describeEnd(ended: number | string): string {
  return typeof ended === 'number' ? `exit status ${ended}` : `ended by ${ended}`
}

function listOfMagics(): string {
  const entries = [...magics, ...otherUsage]
  const width = Math.max(...entries.map(({ usage }) => usage.length))
  const lines = entries.map(({ usage, about }) => `${usage.padEnd(width)}   ${about}`)
  return ['%time and %timeit may stand above a whole cell too, as %%time and %%timeit.', '', ...lines].join('\n')
}

/** Values that should not end up in a notebook that is shared. */
const secret = /key|token|secret|password/i

function environment(argument: string): string {
  const [, name, value] = /^([^\s=]*)(?:\s*=\s*|\s+)?(.*)$/s.exec(argument)!
  if (name === '')
    return Object.entries(process.env)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${secret.test(name) ? '<hidden>' : value}`)
      .join('\n')
  if (/[\s=]/.test(argument)) {
    process.env[name] = value
    return `${name}=${secret.test(name) ? '<hidden>' : value}`
  }
  if (process.env[name] === undefined) throw new UsageError(`%env: ${name} is not set`)
  return process.env[name]
}
