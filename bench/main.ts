/**
 * `npm run bench [-- --json FILE] [-- NAME…]`: times gradbook beside PyTorch in one run on one machine, with the same
 * threads; only cases whose name contains one of the given words. The two sides take turns, and each case counts by its
 * best of three medians, because neighbours on the machine only ever make it slower.
 * A peer that is not installed is named and left out.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { addon } from '../lib/device/addon.js'
import { suites, type Case } from './cases.js'
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
for (const [suite, cases] of Object.entries(suites))
  for (const [name, prepare] of Object.entries(cases)) {
    if (positionals.length > 0 && !positionals.some((word) => name.includes(word))) continue
    const ms = await time(name, prepare, torch)
    const [unit, factor] = ms.ours < 0.1 ? (['µs', 1000] as const) : (['ms', 1] as const)
    const [ours, peer] = [ms.ours * factor, ms.peer * factor]
    const show = (value: number): string => `${value.toPrecision(3).padStart(8)} ${unit}`
    const line = `${suite.padEnd(10)}${name.padEnd(40)}${show(ours)}`
    console.log(torch ? `${line}   PyTorch ${show(peer)}   ratio ${(ours / peer).toFixed(2)}` : line)
    if (torch) results.push({ suite, name, unit, ours, peer, peerName: 'PyTorch', ratio: ours / peer })
  }
torch?.close()
if (values.json !== undefined) {
  writeFileSync(`${values.json}.tmp`, JSON.stringify(results, null, 2) + '\n')
  renameSync(`${values.json}.tmp`, values.json)
}
