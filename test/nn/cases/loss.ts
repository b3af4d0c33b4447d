/** Losses: each with its defaults and with options. */
import { cat, F, nn, tensor, type Tensor } from '../../../lib/index.js'
import type { SampleInput } from '../../../lib/ops/registry.js'
import type { ModuleCase } from './case.js'

const scores = { shape: [3, 4], low: -3, high: 3 }
const chances = { shape: [3, 4], low: 0.05, high: 0.95 }
const classes: SampleInput = { shape: [3], low: 0, high: 4, dtype: 'int64' }
const weight = tensor([0.5, 1, 2, 3])
const weights = 'torch.tensor([0.5, 1, 2, 3])'

const loss = (torch: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs,
})

/** Scores with targets −1 and 1, which PyTorch's side makes of the signs of the second input. */
const signed = (torch: string, ours: () => nn.Module, result = 'm(x, t)'): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  torchCall: `lambda m, x, u: (lambda t: ${result})(u.detach().sign())`,
  ours,
  call: (m: nn.SoftMarginLoss, x: Tensor, t: Tensor) => m.forward(x, t.detach().sign()),
  inputs: [scores, scores],
})

/** A loss that PyTorch has no module for, by its formula. */
const formula = (text: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: 'torch.nn.Identity()',
  torchCall: `lambda m, x, t: ${text}`,
  ours,
  inputs,
})

export const losses: ModuleCase[] = [
  loss('MSELoss()', () => new nn.MSELoss(), scores, scores),
  loss("L1Loss(reduction='sum')", () => new nn.L1Loss({ reduction: 'sum' }), scores, scores),
  formula('F.mse_loss(x, t).sqrt()', () => new nn.RMSELoss(), scores, scores),
  formula('F.mse_loss(x.log1p(), t.log1p())', () => new nn.MSLELoss(), chances, chances),
  loss('HuberLoss(delta=0.5)', () => new nn.HuberLoss({ delta: 0.5 }), scores, scores),
  loss('SmoothL1Loss(beta=2.0)', () => new nn.SmoothL1Loss({ beta: 2 }), scores, scores),
  formula('(x - t).cosh().log().mean()', () => new nn.LogCoshLoss(), scores, scores),
  loss('PoissonNLLLoss(full=True)', () => new nn.PoissonNLLLoss({ full: true }), scores, {
    shape: [3, 4],
    low: 0,
    high: 5,
  }),
  loss('GaussianNLLLoss()', () => new nn.GaussianNLLLoss(), scores, scores, chances),
  loss('CrossEntropyLoss()', () => new nn.CrossEntropyLoss(), scores, classes),
  loss(
    `CrossEntropyLoss(weight=${weights}, label_smoothing=0.1)`,
    () => new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1 }),
    scores,
    classes,
  ),
  {
    torch: 'torch.nn.CTCLoss(blank=2)',
    torchCall: 'lambda m, x: m(x.log_softmax(2), torch.tensor([[0, 1], [3, 0]]), (5, 4), (2, 1))',
    ours: () => new nn.CTCLoss({ blank: 2 }),
    call: (m: nn.CTCLoss, x: Tensor) =>
      m.forward(F.logSoftmax(x, 2), tensor([0, 1, 3, 0], { dtype: 'int64' }).view(2, 2), [5, 4], [2, 1]),
    inputs: [{ shape: [5, 2, 4], low: -2, high: 2 }],
  },
  loss(
    'CrossEntropyLoss(ignore_index=1)',
    () => new nn.CrossEntropyLoss({ ignoreIndex: 1 }),
    { shape: [2, 3, 4] },
    { shape: [2, 4], low: 0, high: 3, dtype: 'int64' },
  ),
  loss(`NLLLoss(${weights})`, () => new nn.NLLLoss({ weight }), scores, classes),
  loss(`BCELoss(${weights})`, () => new nn.BCELoss({ weight }), chances, chances),
  loss(
    `BCEWithLogitsLoss(pos_weight=${weights})`,
    () => new nn.BCEWithLogitsLoss({ posWeight: weight }),
    scores,
    chances,
  ),
  loss("KLDivLoss(reduction='batchmean')", () => new nn.KLDivLoss({ reduction: 'batchmean' }), scores, chances),
  loss('KLDivLoss(log_target=True)', () => new nn.KLDivLoss({ logTarget: true }), scores, scores),
  signed('SoftMarginLoss()', () => new nn.SoftMarginLoss()),
  signed('SoftMarginLoss()', () => new nn.LogisticLoss()),
  signed('Identity()', () => new nn.HingeLoss(), '(1 - x * t).clamp(min=0).mean()'),
  signed('Identity()', () => new nn.ExponentialLoss(), '(-x * t).exp().mean()'),
  loss('MultiMarginLoss(p=2, margin=0.5)', () => new nn.MultiMarginLoss({ p: 2, margin: 0.5 }), scores, classes),
  {
    torch: 'torch.nn.MultiLabelMarginLoss()',
    torchCall: 'lambda m, x: m(x, torch.tensor([3, 0, -1, 1]))',
    ours: () => new nn.MultiLabelMarginLoss(),
    call: (m: nn.MultiLabelMarginLoss, x: Tensor) => m.forward(x, tensor([3, 0, -1, 1], { dtype: 'int64' })),
    inputs: [{ shape: [4] }],
  },
  loss('MultiLabelSoftMarginLoss()', () => new nn.MultiLabelSoftMarginLoss(), scores, chances),
  {
    torch: 'torch.nn.CosineEmbeddingLoss(margin=0.2)',
    torchCall: 'lambda m, a, b: m(a, b, torch.tensor([1, -1, 1]))',
    ours: () => new nn.CosineEmbeddingLoss({ margin: 0.2 }),
    call: (m: nn.CosineEmbeddingLoss, a: Tensor, b: Tensor) => m.forward(a, b, tensor([1, -1, 1])),
    inputs: [scores, scores],
  },
  signed('HingeEmbeddingLoss(margin=2.0)', () => new nn.HingeEmbeddingLoss({ margin: 2 })),
  {
    torch: 'torch.nn.MarginRankingLoss(margin=0.5)',
    torchCall: 'lambda m, a, b: m(a, b, torch.tensor([1.0, -1, 1, -1]))',
    ours: () => new nn.MarginRankingLoss({ margin: 0.5 }),
    call: (m: nn.MarginRankingLoss, a: Tensor, b: Tensor) => m.forward(a, b, tensor([1, -1, 1, -1])),
    inputs: [{ shape: [4] }, { shape: [4] }],
  },
  loss('TripletMarginLoss(swap=True)', () => new nn.TripletMarginLoss({ swap: true }), scores, scores, scores),
  loss(
    'TripletMarginWithDistanceLoss(distance_function=lambda a, b: F.pairwise_distance(a, b, 1))',
    () => new nn.TripletMarginWithDistanceLoss({ distanceFunction: (a, b) => F.pairwiseDistance(a, b, { p: 1 }) }),
    scores,
    scores,
    scores,
  ),
  ...[
    { torch: 'torch.nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6])', headBias: false, divValue: 4 },
    {
      torch: 'torch.nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True)',
      headBias: true,
      divValue: 2,
    },
  ].flatMap(({ torch, ...options }): ModuleCase[] => {
    const ours = (): nn.Module => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], options)
    const inputs = [{ shape: [4, 8] }]
    return [
      {
        torch,
        torchCall:
          'lambda m, x: torch.cat([m(x, torch.tensor([0, 4, 9, 2])).output, m(x, torch.tensor([1, 2, 0, 2])).loss[None]])',
        ours,
        inputs,
        call: (m: nn.AdaptiveLogSoftmaxWithLoss, x: Tensor) => {
          const [some, others] = [
            [0, 4, 9, 2],
            [1, 2, 0, 2],
          ].map((target) => m.forward(x, tensor(target, { dtype: 'int64' })))
          return cat([some.output, others.loss.unsqueeze(0)])
        },
      },
      {
        torch,
        torchCall: 'lambda m, x: m.log_prob(x)',
        ours,
        inputs,
        call: (m: nn.AdaptiveLogSoftmaxWithLoss, x: Tensor) => m.logProb(x),
      },
    ]
  }),
]
