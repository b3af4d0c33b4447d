/** Optimizers, schedules and clipping against PyTorch's numbers. */
import { strict as assert } from 'node:assert'
import { noGrad, optim, tensor, type DType, type Tensor } from '../../lib/index.js'
import { expectClose, fromGolden, readGolden, type GoldenTensor } from '../support/golden.js'

interface Run {
  losses: number[]
  final: GoldenTensor[]
}

interface OptimizerCase {
  optimizer: string
  options: Record<string, unknown>
  groups: [object, object] | null
  float64: Run
  float32: Run
}

interface Schedule {
  name: string
  optimizer?: 'SGD' | 'Adam'
  args?: unknown[]
  options?: object
  parts?: Schedule[]
  metrics?: number[]
  rows: { lr: number[]; momentum: number[] }[]
}

interface Golden {
  x: GoldenTensor
  y: GoldenTensor
  start: GoldenTensor[]
  optimizers: OptimizerCase[]
  schedulers: Schedule[]
  clipping: {
    grads: number[][]
    cases: { normType: number | 'Infinity'; maxNorm: number; total: number; grads: GoldenTensor[] }[]
  }
}

const golden = readGolden<Golden>('optim')

type MakeOptimizer = new (params: unknown, options: object) => optim.Optimizer
const optimizers = optim as unknown as Record<string, MakeOptimizer>

function assertNear(actual: number, expected: number, relative: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.max(1e-3, Math.abs(expected)),
    `${what} is ${actual}, PyTorch has ${expected}`,
  )
}

/** float64 to 1e-10, float32 to 1e-5; to a few times PyTorch's own rounding where a run of line searches magnifies it. */
function tolerance(
  dtype: 'float64' | 'float32',
  { float64, float32 }: Pick<OptimizerCase, 'float64' | 'float32'>,
): number {
  if (dtype === 'float64') return 1e-10
  const losses = float64.losses.map((loss, i) => Math.abs(loss - float32.losses[i]) / Math.abs(loss))
  const elements = float64.final.flatMap((tensor, i) => {
    const scale = Math.max(...tensor.data.map((v) => Math.abs(Number(v))))
    return tensor.data.map((v, k) => Math.abs(Number(v) - Number(float32.final[i].data[k])) / scale)
  })
  return Math.max(1e-5, 4 * Math.max(...losses, ...elements))
}

/** The same network and loss as in make_optim.py. */
function problem(dtype: DType): { params: Tensor[]; loss: () => Tensor } {
  const params = golden.start.map((start) => fromGolden(start, dtype).requiresGrad_())
  const [w1, b1, w2, b2] = params
  const [x, y] = [fromGolden(golden.x, dtype), fromGolden(golden.y, dtype)]
  return { params, loss: () => x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).sub(y).square().mean() }
}

describe('optimizers follow PyTorch for 20 steps', () => {
  for (const { optimizer: name, options, groups, ...runs } of golden.optimizers)
    for (const dtype of ['float64', 'float32'] as const)
      it(`${name} ${JSON.stringify(options)} ${groups ? 'in two groups ' : ''}in ${dtype}`, () => {
        const relative = tolerance(dtype, runs)
        const { params, loss } = problem(dtype)
        const [first, second] = groups ?? []
        // Muon takes matrices alone.
        const suited = (some: Tensor[]): Tensor[] => some.filter(({ ndim }) => name !== 'Muon' || ndim === 2)
        const optimizer = new optimizers[name](
          groups
            ? [
                { params: suited(params.slice(0, 2)), ...first },
                { params: suited(params.slice(2)), ...second },
              ]
            : suited(params),
          options,
        )
        runs[dtype].losses.forEach((expected, step) => {
          const found = optimizer.step(() => {
            optimizer.zeroGrad()
            const value = options.maximize ? loss().neg() : loss()
            value.backward()
            return value.item()
          })
          assertNear(found, expected, relative, `loss of step ${step}`)
        })
        params.forEach((param, i) => expectClose(param, runs[dtype].final[i], { relative }, `parameter ${i}`))
      })
})

const functions: Record<string, (epoch: number) => number> = {
  decay: (epoch) => 0.95 ** epoch,
  third: (epoch) => 1 / (3 + epoch),
}

type Stepped = {
  step(metric?: number): void
  getLastLr(): number[]
  stateDict(): object
  loadStateDict(s: object): void
}
type MakeSchedule = new (...args: unknown[]) => Stepped

function build(optimizer: object, { name, args = [], options, parts }: Schedule): Stepped {
  const make = (optim.lrScheduler as unknown as Record<string, MakeSchedule>)[name]
  const values = args.map((arg) => (typeof arg === 'string' ? functions[arg] : arg))
  const built = parts?.map((part) => build(optimizer, part))
  if (name === 'ChainedScheduler') return new make(built)
  return new make(optimizer, ...(built ? [built] : []), ...values, ...(options ? [options] : []))
}

function scheduled(name = 'SGD'): optim.SGD | optim.Adam {
  const groups = [0.1, 0.02].map((lr) => ({ params: [tensor([0]).to('float32').requiresGrad_()], lr }))
  return name === 'Adam' ? new optim.Adam(groups) : new optim.SGD(groups, { momentum: 0.9 })
}

function row(optimizer: optim.SGD | optim.Adam): Schedule['rows'][number] {
  return {
    lr: optimizer.paramGroups.map((group) => group.lr),
    momentum: optimizer.paramGroups.map((group) => ('betas' in group ? group.betas[0] : group.momentum)),
  }
}

function assertRow(found: Schedule['rows'][number], expected: Schedule['rows'][number], step: number): void {
  for (const name of ['lr', 'momentum'] as const)
    expected[name].forEach((value, i) =>
      assert.ok(
        Math.abs(found[name][i] - value) <= 1e-12 * Math.max(1e-3, value),
        `${name} of group ${i} after step ${step} is ${found[name][i]}, PyTorch has ${value}`,
      ),
    )
}

describe('schedules follow PyTorch', () => {
  for (const spec of golden.schedulers) {
    const title = `${spec.name} ${JSON.stringify(spec.parts?.map((part) => part.name) ?? spec.args ?? [])} ${JSON.stringify(spec.options ?? {})}`
    it(title, () => {
      const optimizer = scheduled(spec.optimizer)
      const scheduler = build(optimizer, spec)
      spec.rows.forEach((expected, step) => {
        assertRow(row(optimizer), expected, step)
        assert.deepEqual(scheduler.getLastLr(), row(optimizer).lr)
        if (step === spec.rows.length - 1) return
        optimizer.step()
        scheduler.step(spec.metrics?.[step])
      })
    })

    it(`${title}, interrupted and continued`, () => {
      const [first, second] = [scheduled(spec.optimizer), scheduled(spec.optimizer)]
      const before = build(first, spec)
      for (let step = 0; step < 7; step++) {
        first.step()
        before.step(spec.metrics?.[step])
      }
      const after = build(second, spec)
      after.loadStateDict(before.stateDict())
      second.loadStateDict(first.stateDict() as never)
      for (let step = 7; step < spec.rows.length - 1; step++) {
        assertRow(row(second), spec.rows[step], step)
        second.step()
        after.step(spec.metrics?.[step])
      }
    })
  }
})

describe('clipping follows PyTorch', () => {
  for (const { normType, maxNorm, total, grads } of golden.clipping.cases)
    it(`norm ${normType} to at most ${maxNorm}`, () => {
      const params = golden.clipping.grads.map((values) => {
        const grad = tensor(values, { dtype: 'float64' })
        const param = noGrad(() => grad.mul(0)).requiresGrad_()
        param.grad = grad
        return param
      })
      const found = optim.clipGradNorm_(params, maxNorm, { normType: Number(normType) })
      assertNear(found.item(), total, 1e-12, 'the norm')
      params.forEach((param, i) => expectClose(param.grad as Tensor, grads[i], { relative: 1e-12 }, `gradient ${i}`))
    })
})
