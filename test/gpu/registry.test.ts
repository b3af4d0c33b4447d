/**
 * Every op of the registry on a device: PyTorch's values and gradients, strided and empty inputs among them; results lie on the
 * device, and what only the CPU computes says so.
 */
import { strict as assert } from 'node:assert'
import { autograd, Tensor } from '../../lib/index.js'
import { cpuOnly } from '../../lib/ops/cpu-only.js'
import { registry, type OpEntry } from '../../lib/ops/registry.js'
import { expectClose, fromGolden } from '../support/golden.js'
import { needsGpu } from '../support/gpu.js'
import { golden, runSample, strided, type GoldenCase } from '../support/registry-cases.js'

/** Sums run in another order than PyTorch's, in float32. */
const tolerance = { relative: 3e-5 }

const given = (expected: GoldenCase): Tensor[] => expected.inputs.map((x) => fromGolden(x).gpu())

function checkSample(op: OpEntry, expected: GoldenCase, number: number): void {
  const inputs = given(expected)
  if (op.gradient === true) for (const x of inputs) if (x.dtype === 'float32') x.requiresGrad_()
  const output = runSample(op, inputs, number)
  const what = `case ${number}`
  // toDevice is the op that moves; what has no tensor among its inputs is made where its options say.
  if (inputs.length > 0 && op.name !== 'toDevice') assert.equal(output.device, inputs[0].device, what)
  expectClose(output.cpu(), expected.output, tolerance, what)
  if (!expected.grads || !expected.dy || !output.requiresGrad) return
  const dy = fromGolden(expected.dy, output.dtype).to(output.device)
  const grads = autograd.grad(output, inputs, { gradOutputs: [dy], allowUnused: true })
  expected.grads.forEach((want, i) => {
    if (want === null) return
    const got = grads[i]
    assert.ok(got, `${what}: no gradient for input ${i}`)
    assert.equal(got.device, inputs[i].device, `${what}, gradient ${i}`)
    expectClose(got.cpu(), want, tolerance, `${what}, gradient ${i}`)
  })
}

/** Whether the call is refused because only the CPU computes it; any other error is passed on. */
function isRefused(op: OpEntry, expected: GoldenCase, number: number): boolean {
  try {
    runSample(op, given(expected), number)
    return false
  } catch (error) {
    assert.match(
      (error as Error).message,
      /: exists for the CPU alone \(.+\), but the tensor is on gpu:\d+; move it with \.cpu\(\)$/,
    )
    return true
  }
}

describe('op registry on a device', () => {
  before(function () {
    needsGpu(this)
  })

  for (const op of registry()) {
    const cases = golden[op.name] ?? []
    if (cpuOnly.has(op.name)) {
      it(`${op.name} says that it exists for the CPU alone`, () => {
        assert.ok(cases.map((expected, number) => isRefused(op, expected, number)).includes(true))
      })
      continue
    }
    it(`${op.name} equals PyTorch`, function () {
      this.timeout(60_000)
      assert.ok(cases.length > 0, 'there is no golden case')
      cases.forEach((expected, number) => checkSample(op, expected, number))
    })

    it(`${op.name} sees through strides`, function () {
      this.timeout(60_000)
      cases.forEach((expected, number) => {
        const output = runSample(op, given(expected).map(strided), number)
        expectClose(output.cpu(), expected.output, tolerance, `case ${number}`)
      })
    })
  }
})
