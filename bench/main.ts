/**
 * `npm run bench [-- --json FILE]`: times gradbook beside PyTorch in one run on one machine, with the same threads.
 * A peer that is not installed is named and left out. Python with PyTorch: GRADBOOK_TORCH_PYTHON, else python3.
 */
import { spawnSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addon, packageRoot } from '../lib/device/addon.js'
import { suites } from './cases.js'
import { medianMs, type Result } from './measure.js'

/** PyTorch's milliseconds by case, or null when it is not installed. */
function torchTimes(threads: number): Record<string, number> | null {
  const python = process.env.GRADBOOK_TORCH_PYTHON ?? 'python3'
  const script = join(packageRoot(), 'bench', 'peers', 'torch_peer.py')
  const { status, stdout, stderr, error } = spawnSync(python, [script, String(threads)], { encoding: 'utf8' })
  if (error || status === 3) return null
  if (status !== 0) throw new Error(`bench: ${python} ${script} failed:\n${stderr}`)
  return JSON.parse(stdout) as Record<string, number>
}

function main(): void {
  const { values } = parseArgs({ options: { json: { type: 'string' } } })
  const threads = addon().threads()
  console.log(`gradbook on ${addon().isa()}, ${threads} threads`)
  const torch = torchTimes(threads)
  if (!torch) console.log('PyTorch is not installed and left out (set GRADBOOK_TORCH_PYTHON to a Python that has it)')

  const results: Result[] = []
  for (const [suite, cases] of Object.entries(suites))
    for (const [name, prepare] of Object.entries(cases)) {
      const ms = medianMs(prepare())
      const [unit, factor] = ms < 0.1 ? (['µs', 1000] as const) : (['ms', 1] as const)
      const ours = ms * factor
      const show = (value: number): string => value.toPrecision(3).padStart(8)
      if (!torch) {
        console.log(`${suite.padEnd(10)}${name.padEnd(38)}${show(ours)} ${unit}`)
        continue
      }
      const peer = torch[name] * factor
      results.push({ suite, name, unit, ours, peer, peerName: 'PyTorch', ratio: ours / peer })
      console.log(
        `${suite.padEnd(10)}${name.padEnd(38)}${show(ours)} ${unit}   PyTorch ${show(peer)} ${unit}   ratio ${(ours / peer).toFixed(2)}`,
      )
    }
  if (values.json !== undefined) {
    writeFileSync(`${values.json}.tmp`, JSON.stringify(results, null, 2) + '\n')
    renameSync(`${values.json}.tmp`, values.json)
  }
}

main()
