/** The two ways in which commands use other programs: to ask something, and to have a step done in the user's sight. */
import { spawnSync } from 'node:child_process'
import { CommandError, root, say } from './project.js'

/** What a program printed on stdout; null when it is missing, fails or takes longer than 20 s. */
export function ask(file: string, args: readonly string[], input = ''): string | null {
  const { status, stdout } = spawnSync(file, args, { input, encoding: 'utf8', timeout: 20_000, cwd: root })
  return status === 0 ? stdout.trim() : null
}

export interface StepOptions {
  env?: NodeJS.ProcessEnv
}

/** Announces and runs a program in the project's root; its output goes to stderr. Throws CommandError when it fails. */
export function step(what: string, file: string, args: readonly string[], { env }: StepOptions = {}): void {
  say(`${what} …`)
  const { status, signal, error } = spawnSync(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
  })
  if (error) throw new CommandError(`${what} failed: ${error.message}`)
  if (status !== 0)
    throw new CommandError(
      `${what} failed (${signal ?? `exit code ${status}`}); the reason is above. Was: ${[file, ...args].join(' ')}`,
    )
}
