/**
 * TypeScript's functions. They are nine megabytes of text: `import` would scan them for names to export, `require` compiles them at every
 * start. Files that need TypeScript's types import them as `TS`.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type TS from 'typescript'
import { requireCached } from './code-cache.js'

const require = createRequire(import.meta.url)
const { version } = require('typescript/package.json') as { version: string }
const folder = fileURLToPath(new URL('../../.cache/', import.meta.url))
const script = requireCached(require.resolve('typescript'), `typescript-${version}`, folder)

export const ts = script.exports as typeof TS

/** For when the functions that a session begins with have been used and nobody waits. */
export const keepCompiled = (): void => script.save()
