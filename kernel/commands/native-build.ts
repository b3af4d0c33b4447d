/** Keeps the native engine in step with its sources: `npm run build:native` runs only when one of them changed. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { builtEngine, packedEngine } from '../../lib/device/addon.js'
import { CommandError, inRoot, isClone } from './project.js'
import { need } from './requirements.js'
import { digest, isFresh, leaveStamp } from './stamp.js'
import { step } from './subprocess.js'

const stamp = inRoot('build', '.sources')

/** The op registry counts as a source, because the elementwise kernels are rendered from it. */
const sources = (): string =>
  digest(
    ['native', 'CMakeLists.txt', 'lib/ops'].map((path) => inRoot(path)),
    process.platform,
    process.arch,
  )

export function nativeIsFresh(): boolean {
  return isClone ? existsSync(builtEngine()) && isFresh(stamp, sources()) : existsSync(packedEngine())
}

export function ensureNative(): void {
  if (nativeIsFresh()) return
  if (!isClone)
    throw new CommandError(
      `the native engine is missing (${packedEngine()}): was the package made on another kind of machine?`,
    )
  need('native')
  const value = sources()
  step('building the native engine', 'npm', ['run', '--silent', 'build:native'], {
    env: { CMAKE_BUILD_PARALLEL_LEVEL: process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? String(availableParallelism()) },
  })
  leaveStamp(stamp, value)
}
