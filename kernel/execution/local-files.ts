/** From a path as `import` writes it to a file: `./helper`, `./helper.ts`, `./helper.js` (meaning helper.ts), and folders. */
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.node']
/** What a compiled file is called in imports, and what it is called while it is still TypeScript. */
const typescriptFor: Record<string, string> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }

/** Whether an import names a file rather than a package. */
export function isPath(specifier: string): boolean {
  return /^\.{1,2}($|[\\/])|^file:/.test(specifier) || isAbsolute(specifier)
}

/** The file that a path means for a module in `folder`; undefined if there is none. Declaration files are no code. */
export function resolvePath(specifier: string, folder: string): string | undefined {
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(folder, specifier)
  const [, stem, extension] = /^(.*?)(\.[cm]?js)?$/s.exec(path)!
  const asTypeScript = extension === undefined ? [] : [stem + typescriptFor[extension]]
  const candidates = [path, ...asTypeScript, ...extensions.map((extension) => path + extension)]
  return candidates.find(isFile) ?? resolveFolder(path)
}

function resolveFolder(path: string): string | undefined {
  const manifest = join(path, 'package.json')
  if (isFile(manifest)) {
    const { main } = JSON.parse(readFileSync(manifest, 'utf8')) as { main?: unknown }
    const file = typeof main === 'string' ? [join(path, main), join(path, `${main}.js`)].find(isFile) : undefined
    if (file !== undefined) return file
  }
  return extensions.map((extension) => join(path, `index${extension}`)).find(isFile)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** Changes when the file does; undefined when it is gone. */
export function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true })
  return stat && `${stat.mtimeNs} ${stat.size} ${stat.ino}`
}
