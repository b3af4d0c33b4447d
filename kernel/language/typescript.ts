/**
 * TypeScript's functions, loaded with require: `import` would first scan its nine megabytes for names to export, which takes half as
 * long as loading them. Files that need its types import them as `TS`.
 */
import { createRequire } from 'node:module'
import type TS from 'typescript'

const require = createRequire(import.meta.url)

export const ts = require('typescript') as typeof TS
