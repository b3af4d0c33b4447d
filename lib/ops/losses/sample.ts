/** Samples of losses hold class numbers and weights as arrays; here they become tensors on both sides. */
import type { Tensor } from '../../tensor/tensor.js'
import { tensor, type TensorData } from '../creation.js'

/** Class numbers, nested to any depth. */
export const classes = (values: TensorData): Tensor => tensor(values, { dtype: 'int64' })

/** Options whose arrays have become tensors of x's dtype. */
export function withTensors<Options>(options: Options, x: Tensor): Options {
  const entries = Object.entries(options ?? {}).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value) ? tensor(value as TensorData, { dtype: x.dtype }) : value,
  ])
  return Object.fromEntries(entries) as Options
}

/** The same for PyTorch: a list as second argument holds class numbers, one among the options weights. */
export const torchWithTensors = (name: string): string =>
  `lambda x, y, **kw: ${name}(x, torch.tensor(y) if isinstance(y, (list, int)) else y, ` +
  '**{k: torch.tensor(v, dtype=x.dtype) if isinstance(v, list) else v for k, v in kw.items()})'

/** A formula that gives the loss of each element from x and y, reduced as PyTorch's own losses are. */
export const torchReduced = (formula: string): string =>
  `lambda x, y, reduction="mean": (lambda e: e if reduction == "none" else getattr(e, reduction)())(${formula})`
