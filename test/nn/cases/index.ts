/** All module cases, by the name of their golden file in test/golden/modules/. */
import { activation } from './activation.js'
import { attentions } from './attention.js'
import type { ModuleCase } from './case.js'
import { containers } from './container.js'
import { convolution } from './convolution.js'
import { linear } from './linear.js'
import { losses } from './loss.js'
import { norm } from './norm.js'
import { pooling } from './pooling.js'
import { recurrent } from './recurrent.js'
import { spatial } from './spatial.js'

export const families: Readonly<Record<string, readonly ModuleCase[]>> = {
  activation,
  attentions,
  containers,
  convolution,
  linear,
  losses,
  norm,
  pooling,
  recurrent,
  spatial,
}
