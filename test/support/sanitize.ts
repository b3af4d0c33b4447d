/**
 * `npm run test:sanitize`: the native tests on an engine built with AddressSanitizer and UndefinedBehaviorSanitizer, which
 * end the process at the first error. Not part of `npm test`: building it alone takes longer than all the tests.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'

const root = packageRoot()
const tests = join(root, 'dist', 'test', 'native')
const runtime = execFileSync('c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim()
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    // Several times slower than the usual build.
    '--timeout=300000',
    ...readdirSync(tests)
      .filter((name) => name.endsWith('.test.js'))
      .map((name) => join(tests, name)),
  ],
  {
    stdio: 'inherit',
    cwd: root,
    env: {
      ...process.env,
      GRADBOOK_ADDON: join(root, 'build', 'sanitize', 'Release', 'gradbook.node'),
      LD_PRELOAD: runtime,
      // Node itself leaks at exit, and V8 looks for the stack by itself.
      ASAN_OPTIONS: 'detect_leaks=0:detect_stack_use_after_return=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
)
process.exitCode = status ?? 1
