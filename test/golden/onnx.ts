/**
 * Exports the cases of test/io/onnx-cases.ts for check_onnx.py.
 * Usage, from the project's root, after building: node dist/test/golden/onnx.js FOLDER
 */
import { join } from 'node:path'
import { io, save } from '../../lib/index.js'
import { onnxCases, outputsOf, runsOf } from '../io/onnx-cases.js'

const [folder] = process.argv.slice(2)
const runs = Object.entries(onnxCases()).map(([name, entry]) => {
  entry.module.eval()
  io.exportOnnx(entry.module, entry.inputs, join(folder, `${name}.onnx`), entry.options)
  return [name, runsOf(entry).map((inputs) => ({ inputs, outputs: outputsOf(entry.module, inputs) }))]
})
save(Object.fromEntries(runs), join(folder, 'runs.pt'))
