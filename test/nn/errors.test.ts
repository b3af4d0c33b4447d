/** What modules, optimizers, schedules, data sets and figures refuse, and how they say so. */
import { autograd, data, nn, ones, optim, plot, zeros, type Tensor } from '../../lib/index.js'
import { itRefuses } from '../support/refusals.js'

const parameter = (): nn.Parameter => new nn.Parameter(zeros(2))
const { lrScheduler } = optim
const sgd = (): optim.SGD => new optim.SGD([parameter()], { lr: 0.1 })

describe('modules', () => {
  describe('refuse', () =>
    itRefuses([
      [() => new nn.Sequential(1 as unknown as nn.ReLU), /Sequential: entry 0 is no module but 1/],
      [() => new nn.Sequential(new nn.ReLU()).at(1), /Sequential: no position 1, there are 1 modules/],
      [() => nn.init.calculateGain('gelu' as 'relu'), /calculateGain: unknown non-linearity 'gelu'; known are linear/],
      [() => nn.init.xavierUniform_(zeros(3)), /init: fan-in and fan-out need at least two dimensions, got \[3\]/],
      [
        () => new nn.Linear(1, 1).to('tpu' as 'cpu'),
        /to: 'tpu' is neither a dtype \(float32, .*\) nor a device \('cpu', 'gpu', 'gpu:1', …\)/,
      ],
      [() => new nn.Linear(2.5, 1), /Linear: inFeatures must be a non-negative integer, got 2.5/],
    ]))
})

describe('optimizers and schedules', () => {
  describe('refuse', () =>
    itRefuses([
      [() => new optim.LBFGS([parameter()], { lr: -1 }), /LBFGS: lr must not be negative, got -1/],
      [() => new lrScheduler.ChainedScheduler([]), /ChainedScheduler: needs at least one scheduler, got none/],
      [
        () => new lrScheduler.OneCycleLR(sgd(), 0.1, { totalSteps: 5, annealStrategy: 'exp' as 'cos' }),
        /OneCycleLR: annealStrategy must be 'cos' or 'linear', got 'exp'/,
      ],
      [
        () => new lrScheduler.ReduceLROnPlateau(sgd(), { thresholdMode: 'x' as 'rel' }),
        /ReduceLROnPlateau: thresholdMode must be 'rel' or 'abs', got 'x'/,
      ],
      [
        () => new lrScheduler.ChainedScheduler([new lrScheduler.ConstantLR(sgd())]).loadStateDict({ schedulers: [] }),
        /loadStateDict: the saved schedule has 0 parts, this one 1/,
      ],
    ]))
})

describe('data sets', () => {
  describe('refuse', () => itRefuses([[() => new data.TensorDataset(), /TensorDataset: needs at least one tensor/]]))
})

describe('custom functions', () => {
  class Dirty extends autograd.Function {
    static forward(context: autograd.FunctionContext, t: Tensor): Tensor {
      context.markDirty(t)
      return t
    }
    static backward(_: autograd.FunctionContext, dy: Tensor): Tensor {
      return dy
    }
  }
  class Text extends autograd.Function {
    static forward(_: autograd.FunctionContext, _t: Tensor): Tensor {
      return ['a'] as unknown as Tensor
    }
    static backward(_: autograd.FunctionContext, dy: Tensor): Tensor {
      return dy
    }
  }
  describe('refuse', () =>
    itRefuses([
      [() => Dirty.apply(ones(2).requiresGrad_()), /Dirty: a leaf that requires gradients was marked dirty/],
      [() => Dirty.apply(ones(2, 2).select(0, 0)), /Dirty: a view was marked dirty; return a new tensor instead/],
      [() => Text.apply(ones(1)), /Text.forward must return a tensor or an array of tensors/],
    ]))
})

describe('figures', () => {
  describe('refuse', () =>
    itRefuses([
      [
        () => plot.scatter({ a: [[1, 2]], b: [[1, 2]] }, { labels: [0] }),
        /labels go with one cloud of points, not with named clouds/,
      ],
      [() => plot.heatmap([[1, 2]], { columns: ['a'] }), /plot.heatmap: 1 column names for 2 columns/],
      [() => plot.heatmap([[1, 2]], { yscale: 'log' }), /its axes cannot be logarithmic/],
      [() => plot.scatter([[1, 2, 3]]), /points have shape \[1, 3\]; \[N, 2\] is expected/],
      [() => plot.line('x' as unknown as number[]), /got string; numbers, a tensor or \{ name: numbe/],
      [() => plot.histogram([1, 2], { bins: 0 }), /plot.histogram: bins is 0; a whole number from 1 is expected/],
      [() => plot.line([1, 2], { yscale: 'log2' as 'log' }), /a scale is 'linear' or 'log', got "log2"/],
      [() => plot.grid([plot.line([1])], { columns: 0 }), /columns is 0; a whole number from 1 is expected/],
    ]))
})
