/** Recurrent networks. */
export { runCell, runLayers, type Layers, type LayersOptions } from './layers.js'
export { gatesOf, type CellState, type CellWeights, type RecurrentCell } from './steps.js'
