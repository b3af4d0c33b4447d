/** The names that every cell sees without an import: the library's, and what cells say to the front end. Users may redeclare any of them. */
export * from '../lib/index.js'
export { display } from './display/api.js'
export { comms } from './display/comms.js'
export { input } from './display/input.js'
export { epochs } from './epochs.js'

/** The last result that was shown. A cell may declare a `_` of its own. */
export const _ = undefined as ReturnType<typeof JSON.parse>
