/** What ops refuse, and how they say so. */
import { strict as assert } from 'node:assert'
import * as g from '../../lib/index.js'
import { autograd, F, ones, rand, tensor, zeros, type Tensor } from '../../lib/index.js'
import { itRefuses } from '../support/refusals.js'

const long = (...data: number[]): Tensor => tensor(data, { dtype: 'int64' })
const bool = (...data: number[]): Tensor => tensor(data, { dtype: 'bool' })
const scalar = tensor(1)
const vector = ones(3)
const matrix = ones(2, 3)
const empty = ones(2, 0)

describe('shapes', () => {
  describe('refuse', () =>
    itRefuses([
      [() => matrix.view(4, 2), /view: \[4, 2\] does not hold the 6 elements of \[2, 3\]/],
      [() => matrix.view(-1, -1), /view: only one size can be inferred, \[-1, -1\] has several -1/],
      [() => matrix.view(1.5, 4), /view: 1.5 is no size \(in \[1.5, 4\]\)/],
      [() => empty.view(-1, 0), /view: -1 in \[-1, 0\] could be any size, since another size is 0/],
      [() => matrix.sum([0, 0]), /sum: dimension 0 appears twice in \[0, 0\]/],
      [() => matrix.permute(0, 0), /permute: \[0, 0\] is no order of the 2 dimensions of \[2, 3\]/],
      [() => matrix.expand(3), /expand: \[3\] has fewer dimensions than \[2, 3\]/],
      [() => matrix.expand(4, 3), /expand: \[2, 3\] does not expand to \[4, 3\]: dimension 0 has 2/],
      [() => g.slice(scalar, 0), /slice: a 0-d tensor has no dimension to slice; use .item\(\)/],
      [() => g.slice(vector, 0, 0, 3, -1), /slice: step must be a positive integer, got -1; use .flip\(\)/],
      [() => vector.index('::-1'), /the step of a slice must be greater than 0, got -1; use .flip\(\)/],
      [() => scalar.select(0, 0), /select: a 0-d tensor has nothing to select; use .item\(\)/],
      [() => ones(2, 3, 4).flatten(2, 0), /flatten: startDim 2 comes after endDim 0 in \[2, 3, 4\]/],
      [() => ones(2, 3, 4).t(), /t: only for up to two dimensions, got \[2, 3, 4\]/],
      [() => matrix.size(2), /size: dimension 2 is out of range for shape \[2, 3\]/],
      [() => matrix.item(), /item: needs a tensor with one element, this one has shape \[2, 3\] \(6 elements\)/],
      [
        () => matrix.t().asTypedArray(),
        /asTypedArray: shape \[3, 2\] with strides \[1, 3\] is not contiguous; call .contiguous\(\)/,
      ],
    ]))
})

describe('required arguments by name', () => {
  const sgd = new g.optim.SGD([vector])
  const image = ones(1, 1, 4, 4)
  describe('refuse, and say that they stand by position', () =>
    itRefuses([
      [
        () => new g.nn.Linear({ inFeatures: 2 } as never, 3),
        /Linear: inFeatures must be a non-negative integer, got \{ inFeatures: 2 \}; required arguments stand by position/,
      ],
      [
        () => new g.nn.LayerNorm({ normalizedShape: 3 } as never),
        /LayerNorm: normalizedShape must be a list, got \{ normalizedShape: 3 \}; required/,
      ],
      [
        () => F.maxPool2d(image, { kernelSize: 2 } as never),
        /maxPool2d: kernelSize must be a list, got \{ kernelSize: 2 \}; required/,
      ],
      [
        () => F.adaptiveAvgPool2d(image, { outputSize: 2 } as never),
        /adaptiveAvgPool2d: outputSize must be a list, got/,
      ],
      [
        () => F.unfold(image, { kernelSize: 2 } as never),
        /unfold: kernelSize is an integer of at least 1, or two of them, got \{ kernelSize: 2 \}/,
      ],
      [() => g.cat({ tensors: [vector] } as never), /cat: tensors must be a list, got/],
      [() => g.stack(vector as never), /stack: tensors must be a list, got a tensor of shape \[3\]/],
      [() => vector.split({ size: 1 } as never), /split: sizes must be a list, got/],
      [
        () => g.linspace(0, 1, { steps: 2 } as never),
        /linspace: steps must be a non-negative integer, got \{ steps: 2 \}/,
      ],
      [
        () => new g.optim.lrScheduler.StepLR(sgd, { stepSize: 2 } as never),
        /StepLR: stepSize must be above 0, got \{ stepSize: 2 \}; required/,
      ],
      [
        () => new g.optim.lrScheduler.MultiStepLR(sgd, { milestones: [2] } as never),
        /MultiStepLR: milestones must be a list, got/,
      ],
      [
        () => new g.optim.lrScheduler.LambdaLR(sgd, 2 as never),
        /LambdaLR: lrLambda must be a function of the epoch, got 2/,
      ],
      [
        () => vector.fill_({ value: 2 } as never),
        /fill_: the value must be a number or a 0-d tensor, got \{ value: 2 \}/,
      ],
      [() => F.relu([1, 2] as never), /relu: the input must be a tensor, got \[ 1, 2 \]/],
      [() => g.eye(-2), /eye: n must be a non-negative integer, got -2/],
      [() => long(1).add(long(2), { alpha: 0.5 }), /add: alpha must be an integer between integers, got 0.5/],
      [() => long(1).sub_(long(2), { alpha: 0.5 }), /sub_: alpha must be an integer between integers, got 0.5/],
      [
        () => F.conv2d(image, image, { strides: 2 } as never),
        /conv2d: unknown option 'strides', did you mean 'stride'\? known here: stride/,
      ],
    ]))

  it('take numbers, 0-d tensors and bools where PyTorch does', () => {
    const y = ones(2)
    const value = tensor(3, { requiresGrad: true })
    const filled = y.mul(1).fill_(value)
    filled.sum().backward()
    assert.deepEqual([filled.toArray(), value.grad?.item()], [[3, 3], 2])
    assert.deepEqual(bool(1, 0).add_(bool(1, 0)).toArray(), [true, false])
    assert.deepEqual(
      g.linalg
        .cond(
          tensor([
            [1, 0],
            [0, 2],
          ]),
          { p: 1 },
        )
        .item(),
      2,
    )
    assert.equal(g.var(tensor([1, 2, 3])).item(), 1)
    assert.deepEqual(
      [g.clone(y).toArray(), g.detach(y).toArray()],
      [
        [1, 1],
        [1, 1],
      ],
    )
  })
})

describe('arrangements', () => {
  describe('refuse', () =>
    itRefuses([
      [() => matrix.roll([1, 2]), /roll: without dims there is one shift, got \[1, 2\]; name a dimension for each/],
      [() => matrix.repeat(-1, 2), /repeat: counts must be non-negative integers, got \[-1, 2\]/],
      [
        () => vector.repeatInterleave([1, -1, 2]),
        /repeatInterleave: count -1 at position 1 is no non-negative integer/,
      ],
      [() => matrix.movedim([0, 1], [0]), /movedim: \[0, 1\] to \[0\] must be as many dimensions, each named once/],
      [() => matrix.tensorSplit(0), /tensorSplit: needs a positive number of parts, got 0/],
      [() => g.meshgrid([vector], { indexing: 'yx' as 'xy' }), /meshgrid: indexing is 'ij' or 'xy', got "yx"/],
      [() => g.meshgrid([vector, matrix]), /meshgrid: needs vectors, tensor 1 has shape \[2, 3\]/],
      [() => vector.clone().copy_(matrix), /copy_: a source of shape \[2, 3\] does not broadcast to \[3\]/],
      [() => matrix.diagonal(0, 0, 0), /diagonal: needs two different dimensions, got 0 and 0 of \[2, 3\]/],
      [() => ones(2, 2, 2).diag(), /diag: needs a vector or a matrix, got \[2, 2, 2\]; use diagonal\(\)/],
      [() => matrix.tril(0.5), /tril: diagonal must be an integer, got 0.5/],
      [() => scalar.unfold(0, 1, 1), /unfold: a 0-d tensor has no dimension to unfold; use .view\(1\) first/],
      [() => vector.unfold(0, 2, 0), /unfold: step must be a positive integer, got 0/],
      [() => g.cat([]), /cat: needs at least one tensor, got an empty list/],
      [() => g.cat([scalar, scalar]), /cat: 0-d tensors cannot be concatenated; use stack\(\)/],
      [() => g.cat([matrix, ones(2, 4)]), /cat: tensor 1 has shape \[2, 4\], tensor 0 \[2, 3\]; sizes must a/],
      [() => g.stack([matrix, vector]), /stack: tensor 1 has shape \[3\], tensor 0 \[2, 3\]; all m/],
      [() => vector.split(0), /split: size must be a positive integer, got 0/],
      [() => vector.split([1, 1]), /split: sizes \[1, 1\] add up to 2, dimension 0 of \[3\] has 3/],
      [() => vector.chunk(0), /chunk: chunks must be a positive integer, got 0/],
    ]))
})

describe('creation', () => {
  describe('refuses', () =>
    itRefuses([
      [
        () => zeros(2, { device: 'tpu' as 'cpu' }),
        /there is no device 'tpu'; known are 'cpu', 'gpu' and 'gpu:0', 'gpu:1', …/,
      ],
      [() => zeros(2 ** 30, 2 ** 30), /zeros: \[1073741824, 1073741824\] holds more elements than memory can have/],
      [() => zeros(-1), /zeros: .*-1/],
      [() => g.full([2], 'x' as unknown as number), /full: the value must be a number or a boolean, got/],
      [() => g.linspace(0, 1, 1.5), /linspace: steps must be a non-negative integer, got 1.5/],
      [() => zeros(2).uniform_(2, 1), /uniform_: from 2 is larger than to 1/],
      [() => zeros(2).normal_(0, -1), /normal_: std must not be negative, got -1/],
      [() => zeros(2).bernoulli_(2), /bernoulli_: p must lie in \[0, 1\], got 2/],
      [() => tensor([[1, 2], [3]]), /tensor: .*\[1\]/],
      [() => tensor([1, 'a' as unknown as number]), /tensor: /],
    ]))
})

describe('indexing', () => {
  describe('refuses', () =>
    itRefuses([
      [
        () => matrix.clone().indexPut_([[0]], ones(2, 1, 3)),
        /indexPut_: a value of shape \[2, 1, 3\] does not broadcast to \[1, 3\]/,
      ],
      [() => matrix.indexSelect(0, long(0).view(1, 1)), /indexSelect: the index must be 1-D, got \[1, 1\]/],
      [() => scalar.indexSelect(0, long(0)), /indexSelect: a 0-d tensor has no positions to select/],
      [() => matrix.indexSelect(0, ones(1)), /indexSelect: the index must be int64 or int32, got float32/],
      [
        () => matrix.indexSelect(0, long(2)),
        /indexSelect: index\[0\] is 2, but the dim has 2 elements: expected 0 to 1/,
      ],
      [() => matrix.indexAdd(0, long(0), ones(2, 3)), /indexAdd: with 1 positions in dimension 0 of \[2, 3\]/],
      [() => matrix.gather(0, long(0, 1)), /gather: an index of shape \[2\] does not fit \[2, 3\] along dimen/],
      [
        () => matrix.scatterAdd(0, long(0, 1), vector),
        /scatterAdd: an index of shape \[2\] does not fit \[2, 3\] and source \[3\]/,
      ],
      [() => g.where(ones(2), 1, 0), /where: the condition must be bool, got float32; compare first/],
      [() => F.oneHot(long(0, 3), 2), /oneHot: label 3 at position 1 is outside of 0 … 1/],
      [() => matrix.maskedFill(ones(2, 3), 0), /maskedFill: the mask must be bool, got float32/],
      [() => matrix.maskedSelect(bool(1, 0)), /maskedSelect: /],
    ]))
})

describe('arithmetic', () => {
  describe('refuses', () =>
    itRefuses([
      [
        () => (matrix as Tensor).add(ones(2)),
        /add: sizes \[2, 3\] and \[2\] do not broadcast: dimension -1 has 3 and 2/,
      ],
      [() => g.add(1, 2), /add: one of the two operands must be a tensor/],
      [() => long(1).add_(ones(1)), /add_: /],
      [() => vector.clamp(), /clamp: needs min, max or both/],
      [() => empty.max(1), /max: dimension 1 of \[2, 0\] is empty/],
      [() => empty.max(), /max: there is no largest of no elements \(shape \[2, 0\]\)/],
      [() => empty.amin(), /amin: there is no smallest of no elements|min/],
      [() => empty.argmax(1), /argmax: dimension 1 of \[2, 0\] is empty/],
      [() => (vector as Tensor).matmul(ones(2)), /matmul: \[3\] by \[2\]: the left side has 3 columns, the ri/],
      [() => vector.matmul(scalar), /matmul: both sides need at least one dimension, got \[3\] and \[\]/],
      [() => (vector as Tensor).mm(matrix), /mm: needs two matrices, got \[3\] and \[2, 3\]; use matmul\(\)/],
      [() => matrix.bmm(matrix), /bmm: needs two equal batches of matrices, got \[2, 3\] and \[2, 3\]/],
      [() => matrix.dot(vector), /dot: needs two vectors, got \[2, 3\] and \[3\]/],
      [() => matrix.outer(vector), /outer: needs two vectors, got \[2, 3\] and \[3\]/],
      [() => F.linear(vector, vector), /linear: weight must be a matrix \[out, in\], got \[3\]/],
      [
        () => F.linear(ones(2, 4), matrix),
        /linear: input has 4 features, weight expects 3 \(input \[2, 4\], weight \[2, 3\]\)/,
      ],
      [() => F.linear(vector, matrix, ones(3)), /linear: bias must have shape \[2\], got \[3\] \(weight \[2, 3\]/],
      [() => F.linear(vector.double(), matrix), /linear: input is float64, weight float32/],
      [() => g.einsum('ij->jk->k', matrix), /einsum: '->' may stand only once in 'ij->jk->k'/],
      [() => g.tensordot(matrix, vector, 2), /tensordot: cannot sum over 2 dimensions of \[2, 3\] and \[3\]/],
      [() => g.tensordot(matrix, matrix, [[0], [1]]), /tensordot: dimensions \[0\] of \[2, 3\] and \[1\] of \[2, 3\]/],
      [
        () => F.multilabelMarginLoss(ones(1, 2, 3), ones(1, 2, 3)),
        /multilabelMarginLoss: needs scores \[N, C\] or \[C\]/,
      ],
      [
        () => F.nllLoss(matrix, ones(2)),
        /nllLoss: the target must hold class numbers of an integer dtype, got float32/,
      ],
    ]))
})

describe('gradients', () => {
  const x = rand(2).requiresGrad_()
  describe('refuse', () =>
    itRefuses([
      [() => long(1).requiresGrad_(), /only floating tensors have gradients, this one is int64/],
      [() => x.mul(2).requiresGrad_(false), /cannot be turned off for a tensor computed by an operation; use .detach/],
      [() => vector.retainGrad(), /retainGrad: this tensor does not require gradients/],
      [() => vector.registerHook(() => undefined), /registerHook: this tensor does not require gradients/],
      [() => autograd.grad(x.sum(), [vector]), /grad: input 0 does not require gradients; call .requiresGrad_\(\)/],
      [() => x.backward(), /a gradient can be created only for a single number, this tensor has shape \[2\]/],
      [() => x.mul(1).backward({ gradient: vector as Tensor }), /the gradient has shape \[3\], the tensor \[2\]/],
      [() => vector.sum().backward(), /does not require gradients and was not computed from one that does/],
    ]))
})
