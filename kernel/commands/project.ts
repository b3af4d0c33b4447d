/**
 * Where things are, and how commands speak: what every command of gradbook shares.
 * stdout belongs to a command's result; progress and errors go to stderr.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'

export const root = packageRoot()
export const inRoot = (...parts: string[]): string => join(root, ...parts)

/** In a clone the commands build what they need; in an installed package everything was built before. */
export const isClone = existsSync(inRoot('tsconfig.json'))

interface PackageJson {
  version: string
  engines: { node: string }
}
export const packageJson = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as PackageJson

/** An error of the user's making or of the machine's: printed as it is, without a stack. */
export class CommandError extends Error {}

export function say(line: string): void {
  process.stderr.write(`gradbook: ${line}\n`)
}
