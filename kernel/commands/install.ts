/** `gradbook install` and `gradbook uninstall`: the kernelspec in a Jupyter that is not ours. */
import { existsSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { kernelspecFolder, writeKernelspec } from './kernelspec.js'
import { ensureNative } from './native-build.js'
import { CommandError, say } from './project.js'
import { findPython } from './requirements.js'
import { ask } from './subprocess.js'

/** Jupyter's data folder of this user, by Jupyter's own rules. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Jupyter')
  return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'jupyter')
}

/** The prefix of the Python that `python3` is now: of the active virtual or conda environment, if there is one. */
function pythonPrefix(): string {
  const python = findPython()
  const prefix = python && ask(python.file, ['-c', 'import sys; print(sys.prefix)'])
  if (!prefix) throw new CommandError('--sys-prefix needs a Python on the PATH, and none was found')
  return prefix
}

function dataFolder(args: string[]): string {
  const { values } = parseArgs({
    args,
    options: { user: { type: 'boolean' }, prefix: { type: 'string' }, 'sys-prefix': { type: 'boolean' } },
  })
  const given = Object.keys(values)
  if (given.length > 1) throw new CommandError(`choose one of ${given.map((name) => `--${name}`).join(' and ')}`)
  if (values.prefix !== undefined) return join(resolve(values.prefix), 'share', 'jupyter')
  if (values['sys-prefix']) return join(pythonPrefix(), 'share', 'jupyter')
  return userDataFolder()
}

export async function install(args: string[]): Promise<void> {
  const folder = dataFolder(args)
  ensureNative()
  say(`kernelspec written: ${writeKernelspec(folder)}`)
}

export async function uninstall(args: string[]): Promise<void> {
  const folder = kernelspecFolder(dataFolder(args))
  if (!existsSync(folder)) throw new CommandError(`there is nothing to remove: ${folder} does not exist`)
  rmSync(folder, { recursive: true })
  say(`kernelspec removed: ${folder}`)
}
