/** JupyterLab as a user starts it, with `gradbook lab`, on a folder and a port of the test's own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { packageRoot } from '../../lib/device/addon.js'
import { program } from './gradbook.js'

export interface Lab {
  /** Ends with /lab?token=…, as it was printed. */
  address: string
  /** Where a file of the folder is opened. */
  fileAddress(path: string): string
  /** Presses Ctrl-C and resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface LabOptions {
  /** What JupyterLab shows. */
  folder: string
  env?: NodeJS.ProcessEnv
  options?: readonly string[]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when the address has been printed; rejects with all that was printed when the program ends before. */
export async function startLab({ folder, env, options = [] }: LabOptions): Promise<Lab> {
  const args = ['lab', '--no-browser', `--port=${await freePort()}`, `--ServerApp.root_dir=${folder}`, ...options]
  const child = spawn(process.execPath, [program, ...args], {
    cwd: packageRoot(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = once(child, 'exit') as Promise<[number | null]>
  const address = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString()
      const found = /JupyterLab is at (\S+)\n/.exec(printed)
      if (found) resolve(found[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(([code]) => reject(new Error(`gradbook lab ended with ${code}:\n${printed}`)))
  })
  return {
    address,
    fileAddress: (path) => address.replace('/lab?', `/lab/tree/${path}?`),
    stop: async () => {
      child.kill('SIGINT')
      return (await ended)[0]
    },
  }
}
