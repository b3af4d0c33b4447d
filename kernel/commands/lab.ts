/**
 * `gradbook lab`: everything is built if need be, JupyterLab runs on notebooks/ until Ctrl-C.
 * Arguments go to `jupyter lab` as they are.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureNative, nativeIsFresh } from './native-build.js'
import { inRoot, say } from './project.js'
import { ensureVenv, jupyterEnv, venvIsFresh, venvPython } from './python-environment.js'
import { need } from './requirements.js'

/** Builds engine and environment. All that is missing is named before the first of them is begun. */
export function prepareLab(): void {
  need(...(nativeIsFresh() ? [] : ['native' as const]), ...(venvIsFresh() ? [] : ['lab' as const]))
  ensureNative()
  ensureVenv()
}

/** Jupyter only warns when no browser opens, but a text browser may take over the terminal instead. */
const hasScreen = (): boolean =>
  process.platform !== 'linux' || ['DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER'].some((name) => process.env[name])

/** The file in which a Jupyter server says where it listens. */
interface ServerInfo {
  url: string
  token: string
}

async function whereItListens(pid: number, stopped: () => boolean): Promise<ServerInfo | null> {
  const file = join(jupyterEnv.JUPYTER_RUNTIME_DIR!, `jpserver-${pid}.json`)
  while (!stopped()) {
    if (existsSync(file))
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as ServerInfo
      } catch {
        // Caught while it is being written: look again.
      }
    await delay(50)
  }
  return null
}

async function answers(url: string, stopped: () => boolean): Promise<boolean> {
  while (!stopped()) {
    try {
      await fetch(url)
      return true
    } catch {
      await delay(50)
    }
  }
  return false
}

/** Resolves with the exit code when the server has stopped. */
export async function lab(args: string[]): Promise<number> {
  prepareLab()
  const server = spawn(
    venvPython,
    [
      '-m',
      'jupyterlab',
      '--ServerApp.log_level=WARN',
      '--LabApp.log_level=WARN',
      ...(hasScreen() ? [] : ['--no-browser']),
      ...args,
    ],
    {
      cwd: inRoot('notebooks'),
      // With a token of ours Jupyter does not print its own three versions of the address.
      env: {
        JUPYTER_TOKEN: randomBytes(24).toString('hex'),
        GRADBOOK_HISTORY: inRoot(join('.venv', 'jupyter', 'history')),
        ...process.env,
        ...jupyterEnv,
      },
      // Its own process group: Ctrl-C would otherwise reach Jupyter too, which then asks whether it should stop.
      detached: true,
      stdio: ['ignore', 2, 2],
    },
  )
  let asked = false
  let code: number | null = null
  const ended = new Promise<number>((resolve, reject) => {
    server.on('error', reject)
    server.on('exit', (status) => resolve((code = asked ? 0 : (status ?? 1))))
  })
  const stop = (): void => {
    if (asked) return
    asked = true
    say('stopping JupyterLab …')
    server.kill('SIGTERM')
    setTimeout(() => server.kill('SIGKILL'), 10_000).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

  const stopped = (): boolean => code !== null || asked
  const info = server.pid === undefined ? null : await whereItListens(server.pid, stopped)
  if (info && (await answers(info.url, stopped)))
    process.stdout.write(`JupyterLab is at ${info.url}lab?token=${info.token}\nCtrl-C stops it.\n`)
  return ended
}
