/** Activations, dropout in evaluation, and distances. */
import { nn } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const wide = { shape: [3, 4], low: -4, high: 4 }

const one = (torch: string, ours: () => nn.Module): ModuleCase => ({ torch: `torch.nn.${torch}`, ours, inputs: [wide] })

const evaluated = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape }],
  training: false,
})

export const activation: ModuleCase[] = [
  one('ReLU()', () => new nn.ReLU()),
  one('ReLU6()', () => new nn.ReLU6()),
  one('LeakyReLU()', () => new nn.LeakyReLU()),
  one('LeakyReLU(0.2)', () => new nn.LeakyReLU(0.2)),
  one('PReLU()', () => new nn.PReLU()),
  one('PReLU(4, init=0.1)', () => new nn.PReLU({ numParameters: 4, init: 0.1 })),
  evaluated('RReLU()', () => new nn.RReLU(), [3, 4]),
  evaluated('RReLU(0.2, 0.4)', () => new nn.RReLU({ lower: 0.2, upper: 0.4 }), [3, 4]),
  one('ELU(0.5)', () => new nn.ELU(0.5)),
  one('SELU()', () => new nn.SELU()),
  one('CELU(2.0)', () => new nn.CELU(2)),
  one('GELU()', () => new nn.GELU()),
  one("GELU(approximate='tanh')", () => new nn.GELU({ approximate: 'tanh' })),
  one('SiLU()', () => new nn.SiLU()),
  one('Mish()', () => new nn.Mish()),
  one('Softplus()', () => new nn.Softplus()),
  one('Softplus(2, 1)', () => new nn.Softplus({ beta: 2, threshold: 1 })),
  one('Softsign()', () => new nn.Softsign()),
  one('Sigmoid()', () => new nn.Sigmoid()),
  one('LogSigmoid()', () => new nn.LogSigmoid()),
  one('Tanh()', () => new nn.Tanh()),
  one('Tanhshrink()', () => new nn.Tanhshrink()),
  one('Softshrink()', () => new nn.Softshrink()),
  one('Hardshrink(1.5)', () => new nn.Hardshrink({ lambd: 1.5 })),
  one('Hardtanh(-2, 0.5)', () => new nn.Hardtanh({ minVal: -2, maxVal: 0.5 })),
  one('Hardsigmoid()', () => new nn.Hardsigmoid()),
  one('Hardswish()', () => new nn.Hardswish()),
  one('Threshold(0.1, 20)', () => new nn.Threshold(0.1, 20)),
  one('Softmax(1)', () => new nn.Softmax(1)),
  one('LogSoftmax(0)', () => new nn.LogSoftmax(0)),
  one('Softmin(-1)', () => new nn.Softmin(-1)),
  { torch: 'torch.nn.Softmax2d()', ours: () => new nn.Softmax2d(), inputs: [{ shape: [2, 3, 2, 2] }] },
  one('GLU()', () => new nn.GLU()),
  {
    torch: 'torch.nn.Identity()',
    torchCall: 'lambda m, x: x.view(3, 2, 2).amax(2)',
    ours: () => new nn.Maxout(2),
    inputs: [wide],
  },
  {
    torch: 'torch.nn.ModuleDict({"linear": torch.nn.Linear(4, 6)})',
    torchCall: 'lambda m, x: m["linear"](x).view(-1, 3, 2).amax(2)',
    ours: () => new nn.MaxoutLinear(4, 3, 2),
    inputs: [wide],
  },
  evaluated('Dropout()', () => new nn.Dropout(), [2, 3]),
  evaluated('Dropout1d()', () => new nn.Dropout1d(), [2, 3, 2]),
  evaluated('Dropout2d()', () => new nn.Dropout2d(), [2, 3, 2, 2]),
  evaluated('Dropout3d()', () => new nn.Dropout3d(), [2, 3, 2, 1, 2]),
  evaluated('AlphaDropout()', () => new nn.AlphaDropout(), [2, 3]),
  evaluated('FeatureAlphaDropout()', () => new nn.FeatureAlphaDropout(), [2, 3, 2]),
  {
    torch: 'torch.nn.ModuleDict({"layer": torch.nn.Linear(4, 2)})',
    torchCall: 'lambda m, x: m["layer"](x)',
    ours: () => new nn.DropConnect(new nn.Linear(4, 2), 0.5),
    inputs: [wide],
    training: false,
  },
  {
    torch: 'torch.nn.CosineSimilarity(dim=0)',
    ours: () => new nn.CosineSimilarity({ dim: 0 }),
    inputs: [wide, wide],
  },
  {
    torch: 'torch.nn.PairwiseDistance(p=1.0, keepdim=True)',
    ours: () => new nn.PairwiseDistance({ p: 1, keepdim: true }),
    inputs: [wide, wide],
  },
]
