/** `gradbook bench`: builds what is needed and runs the benchmarks of a clone. Arguments go to bench/main.ts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureNative } from './native-build.js'
import { CommandError, inRoot, isClone } from './project.js'

export function bench(args: string[]): number {
  if (!isClone) throw new CommandError('the benchmarks are in the clone, not in the installed package')
  ensureNative()
  const { status } = spawnSync(process.execPath, [inRoot(join('dist', 'bench', 'main.js')), ...args], {
    stdio: 'inherit',
  })
  return status ?? 1
}
