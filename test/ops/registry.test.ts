/** Every op of the registry, without exception: PyTorch's values and gradients, finite differences, strided inputs. */
import { strict as assert } from 'node:assert'
import { autograd, type Tensor } from '../../lib/index.js'
import { registry, type OpEntry } from '../../lib/ops/registry.js'
import { gradcheck, gradgradcheck } from '../support/gradcheck.js'
import { expectClose, fromGolden } from '../support/golden.js'
import { golden, goldenOps, runSample as run, strided, tolerances } from '../support/registry-cases.js'

/** Ops behind modules, which check the options; here they make up the test's own call. */
const recurrent = new Set(['lstm', 'gru', 'rnnTanh', 'rnnRelu'])

/** Whether finite differences mean something for a case. */
function isSmooth(op: OpEntry, number: number): boolean {
  const { inputs } = golden[op.name][number]
  return !op.samples[number].skipGradcheck && inputs.some((x) => x.data.length > 0)
}

describe('op registry', () => {
  it('has golden cases for exactly its ops', () => {
    assert.deepEqual(
      registry()
        .map((op) => op.name)
        .sort(),
      goldenOps.toSorted(),
    )
  })

  for (const op of registry()) {
    describe(op.name, () => {
      it('has samples, and a golden case for each', () => {
        assert.ok(op.samples.length > 0)
        assert.equal(golden[op.name].length, op.samples.length)
      })

      it('refuses an option that does not exist', () => {
        op.samples.forEach(({ options }, number) => {
          if (!options || recurrent.has(op.name)) return
          const inputs = golden[op.name][number].inputs.map((x) => fromGolden(x))
          assert.throws(() => run(op, inputs, number, { ...options, unheardOf: 1 }), /unknown option 'unheardOf'/)
        })
      })

      for (const dtype of ['float32', 'float64'] as const) {
        it(`equals PyTorch in ${dtype}`, () => {
          golden[op.name].forEach((expected, number) => {
            const inputs = expected.inputs.map((x) => fromGolden(x, x.dtype === 'float32' ? dtype : x.dtype))
            if (op.gradient === true) for (const x of inputs) x.requiresGrad_()
            const output = run(op, inputs, number)
            expectClose(output, expected.output, tolerances[dtype], `case ${number}`)
            if (!expected.grads || !expected.dy) return
            const dy = fromGolden(expected.dy, output.dtype)
            const grads = autograd.grad(output, inputs, { gradOutputs: [dy], allowUnused: true })
            expected.grads.forEach((want, i) => {
              if (want === null) return
              const got = grads[i]
              assert.ok(got, `case ${number}: no gradient for input ${i}`)
              expectClose(got, want, { relative: tolerances[dtype].relative }, `case ${number}, gradient ${i}`)
            })
          })
        })
      }

      it('sees through strides', () => {
        golden[op.name].forEach((expected, number) => {
          const output = run(
            op,
            expected.inputs.map((x) => strided(fromGolden(x))),
            number,
          )
          expectClose(output, expected.output, tolerances.float32, `case ${number}`)
        })
      })

      if (op.gradient === true) {
        const checked = golden[op.name].map((_, number) => number).filter((number) => isSmooth(op, number))
        const inputsOf = (number: number): Tensor[] => golden[op.name][number].inputs.map((x) => fromGolden(x))
        // PyTorch has no gradient for masks and the like.
        const wanted = (number: number): boolean[] | undefined =>
          golden[op.name][number].grads?.map((gradient) => gradient !== null)

        it('has the gradient of its finite differences', () => {
          for (const number of checked)
            gradcheck((...inputs) => run(op, inputs, number), inputsOf(number), wanted(number))
        })

        it('has second derivatives', () => {
          for (const number of checked)
            gradgradcheck((...inputs) => run(op, inputs, number), inputsOf(number), wanted(number))
        })
      } else {
        it('says why it has no gradient', () => assert.ok(String(op.gradient).length > 3))
      }
    })
  }
})
