/** What the tests of devices share. CI runs them on PoCL, which executes the same kernels on the processor. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { packageRoot } from '../../lib/device/addon.js'
import { gpu } from '../../lib/index.js'
import { needs } from './needs.js'

/** For `before`: skips the suite where there is no device, unless one is required. A kernel's first run includes its compilation. */
export function needsGpu(context: Context): void {
  context.timeout(120_000)
  keepPrograms()
  needs(context, 'gpu', gpu.isAvailable(), gpu.whyNot())
}

/** Where PoCL keeps what it compiled: beside other results of tests, not in the user's folder. */
function keepPrograms(): void {
  process.env['POCL_CACHE_DIR'] ??= join(packageRoot(), 'test-output', 'pocl')
  mkdirSync(process.env['POCL_CACHE_DIR'], { recursive: true })
}
