/**
 * The folder by which Jupyter knows the kernel: kernel.json and the logos.
 * It starts the compiled kernel directly, with this very Node: no shell, no npm, no build step in between.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './project.js'

export const kernelName = 'gradbook'
const assets = inRoot('kernel', 'assets')

export function kernelJson(): string {
  const spec = {
    argv: [process.execPath, inRoot('dist', 'kernel', 'cli.js'), 'kernel', '{connection_file}'],
    display_name: 'TypeScript (gradbook)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  }
  return JSON.stringify(spec, null, 2) + '\n'
}

/** Where Jupyter looks below a data folder such as PREFIX/share/jupyter. */
export const kernelspecFolder = (dataFolder: string): string => join(dataFolder, 'kernels', kernelName)

/** Node may have moved since the spec was written, and so may the clone. */
export function kernelspecIsFresh(dataFolder: string): boolean {
  const file = join(kernelspecFolder(dataFolder), 'kernel.json')
  return existsSync(file) && readFileSync(file, 'utf8') === kernelJson()
}

/** Writes the kernelspec below `dataFolder` and returns its folder. */
export function writeKernelspec(dataFolder: string): string {
  const folder = kernelspecFolder(dataFolder)
  mkdirSync(folder, { recursive: true })
  const logos = readdirSync(assets).filter((name) => name.startsWith('logo-'))
  for (const logo of logos) copyFileSync(join(assets, logo), join(folder, logo))
  writeFileSync(join(folder, 'kernel.json'), kernelJson())
  return folder
}
