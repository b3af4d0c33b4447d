/** What a module is compared with PyTorch's by: both built from seed 1, run on the same inputs. */
import type { nn, Tensor } from '../../../lib/index.js'
import type { SampleInput } from '../../../lib/ops/registry.js'

export interface ModuleCase {
  /** PyTorch's expression: it names the case. */
  readonly torch: string
  /** The same module of ours; its parameters must come out the same from seed 1. */
  readonly ours: () => nn.Module
  /** Values made by PyTorch; floating ones get gradients. */
  readonly inputs: readonly SampleInput[]
  /** How PyTorch's module makes one tensor of the inputs; default 'lambda m, *x: m(*x)'. */
  readonly torchCall?: string
  /** How ours does; default `module.forward(...inputs)`. */
  call?(module: nn.Module, ...inputs: Tensor[]): Tensor
  /** Whether the module is in training mode; default true. */
  readonly training?: boolean
}
