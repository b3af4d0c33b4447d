/** Sums of products named by letters, and their relatives: einsum, tensordot, kron. All become one batched matrix product. */
import { numel, ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { named, type OrNamed } from '../tensor/options.js'
import { composite, numeric } from './define.js'
import { diagonal } from './diagonals.js'
import { matmul } from './matmul.js'
import { permute, reshape, unsqueeze } from './shape.js'

/** A tensor whose dimensions have names: letters, or negative numbers counted from the end for those of an ellipsis. */
interface Named {
  x: Tensor
  labels: readonly string[]
}

function parseLabels(equation: string, text: string): string[] {
  const [before, after, more] = text.split('...')
  if (more !== undefined || /[^A-Za-z]/.test(before + (after ?? '')))
    throw new Error(`einsum: subscripts '${text}' in '${equation}' may hold only letters and one '...'`)
  return after === undefined ? [...before] : [...before, '...', ...after]
}

/** Names for all dimensions of an operand; repeated letters are taken along the diagonal. */
function nameOperand(equation: string, text: string, x: Tensor, i: number): Named {
  const labels = parseLabels(equation, text)
  const open = labels.indexOf('...')
  const extra = x.ndim - (labels.length - (open < 0 ? 0 : 1))
  if (open < 0 ? extra !== 0 : extra < 0)
    throw new ShapeError(
      `einsum: subscripts '${text}' name ${labels.length - (open < 0 ? 0 : 1)} dimensions, operand ${i} has ${x.ndim} (shape ${show(x.shape)})`,
    )
  const names = labels.flatMap((label) =>
    label === '...' ? Array.from({ length: extra }, (_, k) => String(k - extra)) : [label],
  )
  let y = x
  for (let a = 0; a < names.length; a++) {
    const b = names.indexOf(names[a], a + 1)
    if (b < 0) continue
    if (y.shape[a] !== y.shape[b])
      throw new ShapeError(
        `einsum: subscript '${names[a]}' stands for ${y.shape[a]} and ${y.shape[b]} in operand ${i} of shape ${show(x.shape)}`,
      )
    const label = names[a]
    y = diagonal(y, 0, a, b)
    names.splice(b, 1)
    names.splice(a, 1)
    names.push(label)
    a--
  }
  return { x: y, labels: names }
}

/** Sums over the dimensions that nobody else needs. */
function drop({ x, labels }: Named, needed: (label: string) => boolean): Named {
  const gone = labels.flatMap((label, d) => (needed(label) ? [] : [d]))
  return gone.length === 0 ? { x, labels } : { x: x.sum(gone), labels: labels.filter(needed) }
}

/** The dimensions `labels` in this order, those that are missing with size 1. */
function arrange({ x, labels: own }: Named, labels: readonly string[]): Tensor {
  let y = permute(
    x,
    labels.filter((label) => own.includes(label)).map((label) => own.indexOf(label)),
  )
  labels.forEach((label, d) => {
    if (!own.includes(label)) y = unsqueeze(y, d)
  })
  return y
}

const sizeOf = ({ x, labels }: Named, label: string): number =>
  labels.includes(label) ? x.shape[labels.indexOf(label)] : 1

/** Product of two operands, summed over what only they have and the result does not need. */
function contract(left: Named, right: Named, needed: (label: string) => boolean): Named {
  const shared = left.labels.filter((label) => right.labels.includes(label))
  const sum = (label: string): boolean => !needed(label) && sizeOf(left, label) === sizeOf(right, label)
  const summed = shared.filter(sum)
  const batch = shared.filter((label) => !sum(label))
  const rows = left.labels.filter((label) => !shared.includes(label))
  const columns = right.labels.filter((label) => !shared.includes(label))
  const sizes = (named: Named, labels: readonly string[]): number[] => labels.map((label) => sizeOf(named, label))
  const a = arrange(left, [...batch, ...rows, ...summed])
  const b = arrange(right, [...batch, ...summed, ...columns])
  const group = (x: Tensor, ...rest: number[]): Tensor => reshape(x, [...x.shape.slice(0, batch.length), ...rest])
  const y = matmul(
    group(a, numel(sizes(left, rows)), numel(sizes(left, summed))),
    group(b, numel(sizes(right, summed)), numel(sizes(right, columns))),
  )
  return {
    x: reshape(y, [...y.shape.slice(0, batch.length), ...sizes(left, rows), ...sizes(right, columns)]),
    labels: [...batch, ...rows, ...columns],
  }
}

function assertSizes(operands: readonly Named[]): void {
  const sizes = new Map<string, number>()
  operands.forEach(({ x, labels }, i) =>
    labels.forEach((label, d) => {
      const size: number = x.shape[d]
      const known = sizes.get(label) ?? 1
      if (size !== known && size !== 1 && known !== 1)
        throw new ShapeError(
          `einsum: subscript '${/^-/.test(label) ? '...' : label}' has size ${size} in operand ${i} and ${known} before it; they must be equal, or one of them 1`,
        )
      if (known === 1) sizes.set(label, size)
    }),
  )
}

/** Labels of the result: as written, or every letter that occurs once, in alphabetical order, after the ellipsis. */
function resultLabels(
  equation: string,
  written: string | undefined,
  texts: readonly string[],
  operands: readonly Named[],
): string[] {
  const dots = operands.reduce((most, { labels }) => Math.max(most, labels.filter((l) => /^-/.test(l)).length), 0)
  const open = Array.from({ length: dots }, (_, k) => String(k - dots))
  if (written === undefined) {
    const letters = [...texts.join('').replaceAll('.', '')]
    return [...open, ...letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort()]
  }
  const labels = parseLabels(equation, written)
  labels.forEach((label, i) => {
    if (label !== '...' && !texts.some((text) => text.includes(label)))
      throw new Error(`einsum: subscript '${label}' of the result does not occur in any operand of '${equation}'`)
    if (labels.indexOf(label) !== i)
      throw new Error(`einsum: subscript '${label}' occurs twice in the result of '${equation}'`)
  })
  return labels.flatMap((label) => (label === '...' ? open : [label]))
}

/**
 * The sum of products that the equation describes: `einsum('bij,bjk->bik', a, b)`. Letters name dimensions; those missing
 * after `->` are summed over; `...` stands for dimensions that broadcast; a letter twice in one operand means its diagonal.
 * Without `->` the result has the letters that occur once, in alphabetical order. torch.einsum.
 * @throws if the subscripts do not fit the operands, naming them.
 */
export const einsum: (equation: string, ...operands: Tensor[]) => Tensor = composite(
  'einsum',
  {
    torch: 'lambda *all: torch.einsum(all[-1], *all[:-1])',
    dtypes: numeric,
    samples: [
      { inputs: [{ shape: [3, 4] }, { shape: [4, 5] }], args: ['ij,jk->ik'] },
      { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 4, 5] }], args: ['bij,bjk'] },
      { inputs: [{ shape: [3, 3] }], args: ['ii'] },
      { inputs: [{ shape: [3, 3] }], args: ['ii->i'] },
      { inputs: [{ shape: [3, 4] }], args: ['ba'] },
      { inputs: [{ shape: [3, 4] }], args: ['ij->'] },
      { inputs: [{ shape: [2, 3, 4] }, { shape: [4, 5] }], args: ['...i,ij->...j'] },
      { inputs: [{ shape: [2, 1, 3] }, { shape: [4, 3] }], args: ['...k, ...k -> ...'] },
      { inputs: [{ shape: [2] }, { shape: [3] }], args: ['i,j->ji'] },
      { inputs: [{ shape: [2, 3] }, { shape: [3, 4] }, { shape: [4, 2] }], args: ['ij,jk,ki->'] },
      { inputs: [{ shape: [2, 3] }, { shape: [5, 3, 4] }, { shape: [2, 4] }], args: ['bn,anm,bm->ba'] },
      { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], args: ['ij,ij->ij'] },
      { inputs: [{ shape: [2, 2, 3] }], args: ['iij->ji'] },
    ],
    call: (...all: never[]) => einsum(all[all.length - 1], ...all.slice(0, -1)),
  },
  (equation: string, ...operands: Tensor[]): Tensor => {
    const [left, written, more] = equation.replaceAll(' ', '').split('->')
    if (more !== undefined) throw new Error(`einsum: '->' may stand only once in '${equation}'`)
    const texts = left.split(',')
    if (texts.length !== operands.length)
      throw new Error(`einsum: '${equation}' names ${texts.length} operands, got ${operands.length}`)
    const named = texts.map((text, i) => nameOperand(equation, text, operands[i], i))
    assertSizes(named)
    const result = resultLabels(equation, written, texts, named)
    let total = named[0]
    for (let i = 1; i <= named.length; i++) {
      const later = named.slice(i)
      const needed = (label: string): boolean =>
        result.includes(label) || later.some(({ labels }) => labels.includes(label))
      total = drop(total, needed)
      if (i === named.length) break
      const after = (label: string): boolean =>
        result.includes(label) || named.slice(i + 1).some(({ labels }) => labels.includes(label))
      const next = drop(named[i], (label) => after(label) || total.labels.includes(label))
      total = contract(total, next, after)
    }
    return permute(
      total.x,
      result.map((label) => total.labels.indexOf(label)),
    )
  },
)

/** Sums products over dimensions of a and b: the last `dims` of a with the first of b, or the two lists. torch.tensordot. */
export const tensordot = composite(
  'tensordot',
  {
    torch: 'torch.tensordot',
    dtypes: numeric,
    samples: [
      { inputs: [{ shape: [2, 3, 4] }, { shape: [3, 4, 5] }] },
      { inputs: [{ shape: [2, 3, 4] }, { shape: [4, 5] }], args: [1] },
      { inputs: [{ shape: [2, 3] }, { shape: [4] }], args: [0] },
      { inputs: [{ shape: [2, 3, 4] }, { shape: [4, 5] }], options: { dims: 1 } },
      {
        inputs: [{ shape: [3, 4, 5] }, { shape: [4, 3, 2] }],
        args: [
          [
            [1, 0],
            [0, 1],
          ],
        ],
      },
    ],
  },
  (a: Tensor, b: Tensor, given?: OrNamed<'dims', number | readonly [readonly number[], readonly number[]]>): Tensor => {
    const dims = named('tensordot', 'dims', given) ?? 2
    const count = typeof dims === 'number' ? dims : 0
    if (!Number.isInteger(count) || count < 0 || count > Math.min(a.ndim, b.ndim))
      throw new ShapeError(`tensordot: cannot sum over ${count} dimensions of ${show(a.shape)} and ${show(b.shape)}`)
    const range = (from: number): number[] => Array.from({ length: count }, (_, i) => from + i)
    const [da, db] = typeof dims === 'number' ? [range(a.ndim - count), range(0)] : dims
    const inA = da.map((d) => wrapDim('tensordot', d, a.ndim))
    const inB = db.map((d) => wrapDim('tensordot', d, b.ndim))
    if (inA.length !== inB.length || inA.some((d, i) => a.shape[d] !== b.shape[inB[i]]))
      throw new ShapeError(
        `tensordot: dimensions ${show(da)} of ${show(a.shape)} and ${show(db)} of ${show(b.shape)} do not have the same sizes`,
      )
    const rest = (x: Tensor, used: readonly number[]): number[] =>
      Array.from({ length: x.ndim }, (_, d) => d).filter((d) => !used.includes(d))
    const [rows, columns] = [rest(a, inA), rest(b, inB)]
    const sizes = (x: Tensor, ds: readonly number[]): Shape => ds.map((d) => x.shape[d])
    const inner = numel(sizes(a, inA))
    const left = reshape(permute(a, [...rows, ...inA]), [numel(sizes(a, rows)), inner])
    const right = reshape(permute(b, [...inB, ...columns]), [inner, numel(sizes(b, columns))])
    return reshape(matmul(left, right), [...sizes(a, rows), ...sizes(b, columns)])
  },
)

/** Kronecker's product: every element of a times all of b. torch.kron. */
export const kron = composite(
  'kron',
  {
    torch: 'torch.kron',
    dtypes: numeric,
    samples: [{ inputs: [{ shape: [2, 3] }, { shape: [3, 2] }] }, { inputs: [{ shape: [2] }, { shape: [2, 3] }] }],
  },
  (a: Tensor, b: Tensor): Tensor => {
    const dims = Math.max(a.ndim, b.ndim)
    const full = (x: Tensor): number[] => [...new Array<number>(dims - x.ndim).fill(1), ...x.shape]
    const [sa, sb] = [full(a), full(b)]
    const left = reshape(
      a,
      sa.flatMap((size) => [size, 1]),
    )
    const right = reshape(
      b,
      sb.flatMap((size) => [1, size]),
    )
    return reshape(
      left.mul(right),
      sa.map((size, d) => size * sb[d]),
    )
  },
)
