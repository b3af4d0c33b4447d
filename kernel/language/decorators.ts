/**
 * Which decorators a session means. Standard ones (TC39), as TypeScript's own default; a `tsconfig.json` in the working folder or above
 * it may ask for the older kind, which frameworks with parameter decorators still need. Nothing else is taken from that file.
 */
import path from 'node:path'
import { ts } from './typescript.js'
import type { DecoratorOptions } from './transpile.js'

export function decoratorOptions(folder: string): DecoratorOptions {
  const file = ts.findConfigFile(folder, (name) => ts.sys.fileExists(name))
  if (!file) return {}
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config?: unknown }
  // Read for its options alone: a large project's files need not be listed.
  const host = { ...ts.sys, readDirectory: () => [] }
  const { options } = ts.parseJsonConfigFileContent(config ?? {}, host, path.dirname(file))
  if (!options.experimentalDecorators) return {}
  return { experimentalDecorators: true, emitDecoratorMetadata: options.emitDecoratorMetadata === true }
}
