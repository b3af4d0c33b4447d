/** Runs a command of gradbook to its end, through the launcher as users do. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'

export const launcher = join(packageRoot(), 'kernel', 'launch.mjs')

export interface Result {
  code: number | null
  out: string
  err: string
}

export function gradbook(args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    cwd: packageRoot(),
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}
