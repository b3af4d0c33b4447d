/**
 * The commands of gradbook. Each is loaded when it is asked for: `kernel` is what Jupyter waits for,
 * so nothing else may slow it down.
 */
import { CommandError, packageJson } from './commands/project.js'

interface Command {
  usage: string
  summary: string
  /** Resolves with the exit code, or nothing for success. */
  run(args: string[]): Promise<number | void>
}

const commands: Record<string, Command> = {
  lab: {
    usage: 'lab [JUPYTER OPTIONS]',
    summary: 'start JupyterLab on notebooks/; sets everything up on the first start',
    run: async (args) => (await import('./commands/lab.js')).lab(args),
  },
  run: {
    usage: 'run NOTEBOOK… [--output FILE] [--timeout SECONDS]',
    summary: 'run notebooks without a front end',
    run: async (args) => (await import('./commands/run.js')).run(args),
  },
  install: {
    usage: 'install [--user | --prefix DIR | --sys-prefix]',
    summary: 'make the kernel known to your own Jupyter',
    run: async (args) => (await import('./commands/install.js')).install(args),
  },
  uninstall: {
    usage: 'uninstall [--user | --prefix DIR | --sys-prefix]',
    summary: 'undo install',
    run: async (args) => (await import('./commands/install.js')).uninstall(args),
  },
  doctor: {
    usage: 'doctor',
    summary: 'check this machine: what is there, what is missing, what to do',
    run: async () => (await import('./commands/doctor.js')).doctor(),
  },
  ops: {
    usage: 'ops',
    summary: 'list every op of the library',
    run: async () => (await import('./commands/ops.js')).ops(),
  },
  test: {
    usage: 'test [MOCHA OPTIONS]',
    summary: 'build and run the tests (in a clone)',
    run: async (args) => (await import('./commands/test.js')).test(args),
  },
  bench: {
    usage: 'bench [--json FILE]',
    summary: 'time the library beside PyTorch (in a clone)',
    run: async (args) => (await import('./commands/bench.js')).bench(args),
  },
  notebooks: {
    usage: 'notebooks [NAME…]',
    summary: 'run the course and bind it to an HTML book (in a clone)',
    run: async (args) => (await import('./commands/notebooks.js')).notebooks(args),
  },
  kernel: {
    usage: 'kernel CONNECTION_FILE',
    summary: 'run as a kernel; Jupyter calls this',
    run: async (args) => (await import('./commands/kernel.js')).kernel(args),
  },
}

/** Commands whose options belong to the program that they start, --help among them. */
const passesOn = new Set(['lab', 'test'])

function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length))
  const lines = Object.values(commands).map(({ usage, summary }) => `  gradbook ${usage.padEnd(width)}  ${summary}`)
  return `gradbook ${packageJson.version}: TypeScript notebooks with a deep-learning library of their own\n\n${lines.join('\n')}\n`
}

async function main(name: string | undefined, args: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') process.stdout.write(help())
  else if (name === '--version' || name === '-v') process.stdout.write(`${packageJson.version}\n`)
  else if (!Object.hasOwn(commands, name))
    throw new CommandError(
      `there is no command '${name}'. Known: ${Object.keys(commands).join(', ')}; see gradbook --help`,
    )
  else if (args.includes('--help') && !passesOn.has(name))
    process.stdout.write(`gradbook ${commands[name].usage}\n  ${commands[name].summary}\n`)
  else return (await commands[name].run(args)) ?? 0
  return 0
}

/** node:util's parseArgs says well enough what is wrong with an option. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')

// `gradbook ops | head` closes the pipe early: nobody reads on, so the command is over. A kernel goes on without a reader.
if (process.argv[2] !== 'kernel')
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3))
} catch (error) {
  const expected = error instanceof CommandError || isUsageError(error)
  process.stderr.write(`gradbook: ${expected ? error.message : String((error as Error).stack ?? error)}\n`)
  process.exitCode = 1
}
