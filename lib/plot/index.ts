/**
 * Pictures: figures, image grids, the training dashboard and progress bars. Everything here is data that shows itself in
 * a notebook (MIME bundles, SVG text), prints itself in a terminal and saves itself to a file; no kernel is needed.
 */
export { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
import './module-view.js'
import './tensor-view.js'

export { animate, Animation, type AnimateOptions } from './animation.js'
export { bar, histogram, line, scatter } from './charts.js'
export type { BarOptions, HistogramOptions, LineOptions, ScatterOptions } from './charts.js'
export type { Colormap, ColormapName } from './colors.js'
export { confusionMatrix, type ConfusionOptions, type LabelValues } from './confusion.js'
export { contour, type ContourOptions, type PlanePath } from './contour.js'
export { curve, type CurveOptions, type NumberFunction, type TensorFunction } from './curve.js'
export { Dashboard, dashboard, type DashboardOptions, type EpochRow, type Metrics } from './dashboard.js'
export { decisionBoundary, type Classifier, type DecisionOptions, type Estimator } from './decision.js'
export { Figure, grid } from './figure.js'
export { Drawing } from './drawing.js'
export { filters, type FiltersOptions, type Weights } from './filters.js'
export type { GridOptions } from './grid-values.js'
export { heatmap, type HeatmapOptions } from './heatmap.js'
export { ImageGrid, images, type ImagesOptions } from './images.js'
export type { ModelInput } from './layer-calls.js'
export { activations, gradients, weights, type LayersOptions } from './layers.js'
export {
  displayHook,
  displaySink,
  setDisplaySink,
  type Displayable,
  type DisplaySink,
  type MimeBundle,
} from './mime.js'
export type { Annotation, ChartOptions, FigureSpec, Guide, LineStyle, Panel, PointSymbol, Trace } from './model.js'
export type { NestedNumbers, Numbers, Scalar, TensorLike } from './numbers.js'
export { LiveFigure, live } from './live-figure.js'
export type { LiveOptions } from './live.js'
export { network, type NetworkOptions } from './network.js'
export { neuron, type NeuronOptions } from './neuron.js'
export { progress, type ProgressOptions } from './progress.js'
export { race, type RaceOptions } from './race.js'
export { ridge, type RidgeOptions } from './ridge.js'
export type { Series } from './series.js'
export { Summary, summary, type SummaryOptions, type SummaryRow } from './summary.js'
export { surface, type SurfaceOptions } from './surface.js'
export { timeline, type TimelineEvent } from './timeline.js'
