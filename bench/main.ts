/**
 * `npm run bench [-- --json FILE] [-- NAME…]`: times gradbook beside PyTorch, and its kernel beside ipykernel, in one run
 * on one machine, with the same threads; only cases whose name contains one of the given words. The two sides take turns, and each case counts by its
 * best of three medians, because neighbours on the machine only ever make it slower.
 * A peer that is not installed is named and left out.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { addon } from '../lib/device/addon.js'
import { suites, type Case } from './cases.js'
import { timeKernels } from './kernel.js'
import { timeLoaders } from './loader.js'
import { medianMs, type Result } from './measure.js'
import { TorchPeer } from './peer.js'

const turns = 3

async function time(name: string, prepare: Case, torch: TorchPeer | null): Promise<{ ours: number; peer: number }> {
  const best = { ours: Infinity, peer: Infinity }
  for (let turn = 0; turn < turns; turn++) {
    best.ours = Math.min(best.ours, medianMs(prepare()))
    if (torch) best.peer = Math.min(best.peer, await torch.milliseconds(name))
  }
  return best
}

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true })
const threads = addon().threads()
console.log(`gradbook on ${addon().isa()}, ${threads} threads`)
const torch = await TorchPeer.start(threads)
if (!torch) console.log('PyTorch is not installed and left out (set GRADBOOK_TORCH_PYTHON to a Python that has it)')

const results: Result[] = []

/** Prints one result and keeps it for --json; without a peer there is no ratio to keep. */
function record(suite: string, name: string, ms: { ours: number; peer: number | null }, peerName: string): void {
  const [unit, factor] = ms.ours < 0.1 ? (['µs', 1000] as const) : (['ms', 1] as const)
  const show = (value: number): string => `${(value * factor).toPrecision(3).padStart(8)} ${unit}`
  const line = `${suite.padEnd(12)}${name.padEnd(40)}${show(ms.ours)}`
  if (ms.peer === null) return console.log(line)
  const [ours, peer] = [ms.ours * factor, ms.peer * factor]
  console.log(`${line}   ${peerName} ${show(ms.peer)}   ratio ${(ours / peer).toFixed(2)}`)
  results.push({ suite, name, unit, ours, peer, peerName, ratio: ours / peer })
}

const wanted = (name: string): boolean => positionals.length === 0 || positionals.some((word) => name.includes(word))

for (const [suite, cases] of Object.entries(suites))
  for (const [name, prepare] of Object.entries(cases)) {
    if (!wanted(name)) continue
    const { ours, peer } = await time(name, prepare, torch)
    record(suite, name, { ours, peer: torch && peer }, 'PyTorch')
  }
if (wanted('augmented MNIST'))
  await timeLoaders(torch, (name, ours, peer) => record('data', name, { ours, peer }, 'PyTorch'))
torch?.close()
await timeKernels(wanted, (name, ours, peer) => record('kernel', name, { ours, peer }, 'ipykernel'))
if (values.json !== undefined) {
  writeFileSync(`${values.json}.tmp`, JSON.stringify(results, null, 2) + '\n')
  renameSync(`${values.json}.tmp`, values.json)
}
