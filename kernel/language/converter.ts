/** Loads tslab's converter on our TypeScript. The only file that knows where tslab keeps what. */
import Module, { createRequire } from 'node:module'
import { createAdapter, type AdapterOptions, type ConverterState } from './adapter.js'

/** The part of tslab's converter that we use. Every call rebuilds the program for a cell below the declarations so far. */
export interface TslabConverter {
  convert(previous: string, cell: string): { declOutput?: string }
  complete(previous: string, cell: string, position: number): unknown
  inspect(previous: string, cell: string, position: number): unknown
  close(): void
}

/** Creates the one converter of this thread: the module cache can hold one adapter. */
export function loadConverter(options: AdapterOptions): { converter: TslabConverter; state: ConverterState } {
  const state: ConverterState = {
    program: undefined,
    cell: undefined,
    diagnostics: [],
    completions: undefined,
    live: undefined,
    checking: true,
  }
  const require = createRequire(import.meta.url)
  const file = require.resolve('tslab/dist/converter.js')
  const fork = createRequire(file).resolve('@tslab/typescript-for-tslab')
  const adapter = new Module(fork)
  adapter.exports = createAdapter(options, state)
  adapter.loaded = true
  require.cache[fork] = adapter
  const tslab = require(file) as { createConverter(options: { isJS: boolean; isBrowser: boolean }): TslabConverter }
  return { converter: tslab.createConverter({ isJS: false, isBrowser: false }), state }
}
