/** The magics, and the quick look that spares ordinary cells a closer one. No TypeScript compiler here: the main thread reads it too. */

export interface Magic {
  name: string
  /** What IPython calls it. */
  alias?: string
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
  { name: 'pwd', forms: lineOnly, usage: '%pwd', about: 'Print the working folder.' },
  { name: 'ls', forms: lineOnly, usage: '%ls [FOLDER]', about: 'List its files, or those of another folder.' },
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
  {
    name: 'history',
    forms: lineOnly,
    usage: '%history [NUMBER]',
    about: 'Print the cells that were run in this session, or one of them.',
  },
  { name: 'magics', alias: 'lsmagic', forms: lineOnly, usage: '%magics', about: 'Print this list.' },
  {
    name: 'writefile',
    forms: cellOnly,
    usage: '%%writefile [-a] FILE',
    about:
      'Write the cell to a file instead of running it, or (-a) at its end. A TypeScript file can be imported then.',
  },
  {
    name: 'sh',
    forms: cellOnly,
    usage: '%%sh',
    about: 'Run the cell as a script of the shell; it fails if the script does.',
  },
  { name: 'bash', forms: cellOnly, usage: '%%bash', about: 'The same with bash.' },
]

export const findMagic = (name: string): Magic | undefined =>
  magics.find((magic) => magic.name === name || magic.alias === name)

/** Beside the magics, in the list that `%magics` prints. */
export const otherUsage: readonly Pick<Magic, 'usage' | 'about'>[] = [
  { usage: '_', about: 'The last result that was shown.' },
  { usage: '!COMMAND', about: 'Run a command in the shell and show what it prints.' },
  { usage: 'const lines = !COMMAND', about: 'Run it and keep what it prints, line by line, as string[].' },
]

/** Whether a cell needs to be looked at closer. */
export function mayHaveMagics(code: string): boolean {
  return /^[%!]|=[ \t]*!/m.test(code)
}
