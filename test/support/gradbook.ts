/** Runs a command of gradbook to its end: the program behind the launcher, which would compile what is being edited. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'

/** What the launcher hands over to. */
export const program = join(packageRoot(), 'dist', 'kernel', 'cli.js')

export interface Result {
  code: number | null
  out: string
  err: string
}

export function gradbook(args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: packageRoot(),
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}
