/**
 * JupyterLab for this clone alone: a virtual environment in .venv with exactly what requirements.lock names, our kernel in it,
 * and every file that Jupyter keeps for itself (settings, history, runtime) inside it too, so the home directory stays untouched.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { kernelName, kernelspecIsFresh, writeKernelspec } from './kernelspec.js'
import { CommandError, inRoot, isClone } from './project.js'
import { findPython, need } from './requirements.js'
import { digest, isFresh, leaveStamp } from './stamp.js'
import { step } from './subprocess.js'

export const venv = inRoot('.venv')
export const venvPython = join(venv, 'bin', 'python')
export const venvData = join(venv, 'share', 'jupyter')
const lock = inRoot('requirements.lock')
const stamp = join(venv, '.installed')

/** The environment's own path is part of the digest: its scripts name it, so a moved clone needs a new one. */
const contents = (): string => digest([lock], venv)

/** False too when the Python that it was made with is gone: its link then points nowhere. */
export const venvIsFresh = (): boolean => existsSync(venvPython) && isFresh(stamp, contents())

export function ensureVenv(): void {
  if (!isClone)
    throw new CommandError(
      "JupyterLab is set up in a clone only. Here: 'gradbook install', then start your own Jupyter",
    )
  if (!venvIsFresh()) {
    need('lab')
    rmSync(venv, { recursive: true, force: true })
    step('making a Python environment in .venv', findPython()!.file, ['-m', 'venv', venv])
    const pip = ['-m', 'pip', 'install', '-qq', '--no-deps', '--no-cache-dir', '--disable-pip-version-check']
    step('installing JupyterLab into .venv (only this once)', venvPython, [...pip, '-r', lock], {
      // pip asks for the version of rustc, and rustup would then write its settings to the home directory.
      env: { ...pythonEnv, RUSTUP_HOME: join(venv, 'rustup') },
    })
    leaveStamp(stamp, contents())
  }
  if (!kernelspecIsFresh(venvData)) writeKernelspec(venvData)
  for (const [path, value] of Object.entries(settings())) writeJson(join(venv, path), value)
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(value, null, 2) + '\n')
}

/** Defaults of this environment; what a user sets in JupyterLab or on the command line wins over them. */
const settings = (): Record<string, unknown> => ({
  'etc/jupyter/jupyter_server_config.json': {
    ServerApp: { root_dir: inRoot('notebooks'), allow_root: process.getuid?.() === 0 },
    MultiKernelManager: { default_kernel_name: kernelName },
    KernelSpecManager: { allowed_kernelspecs: [kernelName], ensure_native_kernel: false },
    // A figure of a few megabytes is normal here; the default of 1 MB a second would cut it off.
    ZMQChannelsWebsocketConnection: { iopub_data_rate_limit: 100_000_000 },
    // The search for language servers costs a second at every start.
    LanguageServerManager: { autodetect: false },
  },
  // JupyterLab runs a CommonJS script of its own; without this, Node would go by the package.json of the clone.
  'package.json': { type: 'commonjs' },
  'share/jupyter/lab/settings/overrides.json': {
    '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
  },
})

/** A user's own Python and Jupyter variables would lead out of the environment. */
const pythonEnv: NodeJS.ProcessEnv = { PYTHONPATH: undefined, PYTHONHOME: undefined, PYTHONNOUSERSITE: '1' }

/** Environment for programs of .venv. Private files go to .venv/jupyter. */
export const jupyterEnv: NodeJS.ProcessEnv = {
  ...pythonEnv,
  JUPYTER_CONFIG_DIR: join(venv, 'jupyter', 'config'),
  JUPYTER_DATA_DIR: join(venv, 'jupyter', 'data'),
  JUPYTER_RUNTIME_DIR: join(venv, 'jupyter', 'runtime'),
  IPYTHONDIR: join(venv, 'jupyter', 'ipython'),
  JUPYTER_PATH: undefined,
  JUPYTER_CONFIG_PATH: undefined,
  JUPYTERLAB_DIR: undefined,
  JUPYTERLAB_SETTINGS_DIR: undefined,
  JUPYTERLAB_WORKSPACES_DIR: undefined,
}
