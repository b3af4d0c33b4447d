/** Linear layers and containers of them. */
import { nn } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

export const linear: ModuleCase[] = [
  { torch: 'torch.nn.Linear(3, 4)', ours: () => new nn.Linear(3, 4), inputs: [{ shape: [2, 3] }] },
  {
    torch: 'torch.nn.Linear(3, 1, bias=False)',
    ours: () => new nn.Linear(3, 1, { bias: false }),
    inputs: [{ shape: [2, 5, 3] }],
  },
  { torch: 'torch.nn.Linear(2, 3)', ours: () => new nn.Linear(2, 3), inputs: [{ shape: [0, 2] }] },
  { torch: 'torch.nn.Identity()', ours: () => new nn.Identity(), inputs: [{ shape: [2, 2] }] },
  { torch: 'torch.nn.Flatten()', ours: () => new nn.Flatten(), inputs: [{ shape: [2, 3, 2] }] },
  { torch: 'torch.nn.Flatten(0, 1)', ours: () => new nn.Flatten(0, 1), inputs: [{ shape: [2, 3, 2] }] },
  {
    torch: 'torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))',
    ours: () => new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2)),
    inputs: [{ shape: [5, 3] }],
  },
]
