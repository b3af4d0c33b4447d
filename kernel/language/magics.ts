/** The magics, and the quick look that spares ordinary cells a closer one. No TypeScript compiler here: the main thread reads it too. */

export interface Magic {
  name: string
  /** `line`: `%name …`; `cell`: `%%name` above a whole cell. */
  forms: readonly ('line' | 'cell')[]
  usage: string
  about: string
  /** What follows the name is TypeScript. */
  takesCode?: boolean
}

const lineOnly = ['line'] as const
const cellOnly = ['cell'] as const
const both = ['line', 'cell'] as const

export const magics: readonly Magic[] = [
  { name: 'time', forms: both, usage: '%time CODE', about: 'Run it once and print how long it took.', takesCode: true },
  {
    name: 'timeit',
    forms: both,
    usage: '%timeit CODE',
    about: 'Run it many times, as often as it takes to be sure, and print mean and standard deviation.',
    takesCode: true,
  },
  { name: 'who', forms: lineOnly, usage: '%who', about: 'List the names that cells have declared.' },
  { name: 'whos', forms: lineOnly, usage: '%whos', about: 'List them with kind and value.' },
  { name: 'reset', forms: lineOnly, usage: '%reset', about: 'Forget all names that cells have declared.' },
  { name: 'cd', forms: lineOnly, usage: '%cd FOLDER', about: 'Change the working folder; without a folder, print it.' },
  {
    name: 'env',
    forms: lineOnly,
    usage: '%env [NAME[=VALUE]]',
    about: 'Print all environment variables, or one; or set one, for this kernel and the commands that it runs.',
  },
  {
    name: 'types',
    forms: lineOnly,
    usage: '%types [warn|strict|off]',
    about:
      'What type errors do from now on: warn (the default), strict (a cell with errors does not run), off (not looked for). ' +
      'GRADBOOK_TYPES sets the same at the start.',
  },
  { name: 'magics', forms: lineOnly, usage: '%magics', about: 'Print this list.' },
  {
    name: 'sh',
    forms: cellOnly,
    usage: '%%sh',
    about: 'Run the cell as a script of the shell; it fails if the script does.',
  },
  { name: 'bash', forms: cellOnly, usage: '%%bash', about: 'The same with bash.' },
]

/** Beside the magics, in the list that `%magics` prints. */
export const shellUsage: readonly Pick<Magic, 'usage' | 'about'>[] = [
  { usage: '!COMMAND', about: 'Run a command in the shell and show what it prints.' },
  { usage: 'const lines = !COMMAND', about: 'Run it and keep what it prints, line by line, as string[].' },
]

/** Whether a cell needs to be looked at closer. */
export function mayHaveMagics(code: string): boolean {
  return /^[%!]|=[ \t]*!/m.test(code)
}
