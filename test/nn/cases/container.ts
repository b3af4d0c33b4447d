/** Containers, used as a forward of one's own would use them. */
import { nn, ones, zeros } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const x = { shape: [5, 3] }

export const containers: ModuleCase[] = [
  {
    torch: 'torch.nn.ModuleList([torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)])',
    torchCall: 'lambda m, x: m[1](m[0](x))',
    ours: () => new nn.ModuleList([new nn.Linear(3, 4), new nn.Linear(4, 2)]),
    call: (module, value) => [...(module as nn.ModuleList<nn.Linear>)].reduce((y, layer) => layer.forward(y), value),
    inputs: [x],
  },
  {
    torch: 'torch.nn.ModuleDict({"b": torch.nn.Linear(3, 4), "a": torch.nn.Linear(4, 2)})',
    torchCall: 'lambda m, x: m["a"](m["b"](x))',
    ours: () => new nn.ModuleDict({ b: new nn.Linear<number, number>(3, 4), a: new nn.Linear<number, number>(4, 2) }),
    call(module, value) {
      const layers = module as nn.ModuleDict<nn.Linear>
      return layers.get('a').forward(layers.get('b').forward(value))
    },
    inputs: [x],
  },
  {
    torch:
      'torch.nn.Sequential(__import__("collections").OrderedDict(hidden=torch.nn.Linear(3, 4), act=torch.nn.Tanh()))',
    ours: () => new nn.Sequential({ hidden: new nn.Linear(3, 4), act: new nn.Tanh() }),
    inputs: [x],
  },
  {
    torch: 'torch.nn.ParameterList([torch.ones(3), torch.zeros(1)])',
    torchCall: 'lambda m, x: x * m[0] + m[1]',
    ours: () => new nn.ParameterList([ones(3), zeros(1)]),
    call(module, value) {
      const [scale, shift] = module as nn.ParameterList
      return value.mul(scale).add(shift)
    },
    inputs: [x],
  },
  {
    torch: 'torch.nn.ParameterDict({"scale": torch.ones(3), "shift": torch.zeros(1)})',
    torchCall: 'lambda m, x: x * m["scale"] + m["shift"]',
    ours: () => new nn.ParameterDict({ scale: ones(3), shift: zeros(1) }),
    call(module, value) {
      const parameters = module as nn.ParameterDict
      return value.mul(parameters.get('scale')).add(parameters.get('shift'))
    },
    inputs: [x],
  },
]
