/**
 * Pictures: figures, image grids, the training dashboard and progress bars. Everything here is data that shows itself in
 * a notebook (MIME bundles, SVG text), prints itself in a terminal and saves itself to a file; no kernel is needed.
 */
export { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
export { bar, histogram, line, scatter } from './charts.js'
export type { BarOptions, HistogramOptions, LineOptions, ScatterOptions } from './charts.js'
export type { Colormap, ColormapName } from './colors.js'
export { contour, type ContourOptions, type PlanePath } from './contour.js'
export { Dashboard, dashboard, type DashboardOptions, type EpochRow, type Metrics } from './dashboard.js'
export { Figure, grid } from './figure.js'
export type { GridOptions } from './grid-values.js'
export { heatmap, type HeatmapOptions } from './heatmap.js'
export { ImageGrid, images, type ImagesOptions } from './images.js'
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
export { progress, type ProgressOptions } from './progress.js'
export type { Series } from './series.js'
export { surface, type SurfaceOptions } from './surface.js'
