/**
 * The training dashboard: a progress bar, a table of metrics and live curves under one display id. Reporting a step is
 * a few appends; the picture is drawn a few times a second and at the ends of epochs.
 */
import { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
import { dashboardFigure, dashboardPlotly } from './dashboard-figure.js'
import { dashboardSvg } from './dashboard-svg.js'
import type { Figure } from './figure.js'
import { fixed, formatDuration, formatValue } from './format.js'
import { Metric } from './history.js'
import { LiveDisplay, type LiveOptions } from './live.js'
import { Meter, type RunState, textBar } from './meter.js'
import type { MimeBundle } from './mime.js'
import { type Scalar, toScalar } from './numbers.js'
import { Picture } from './picture.js'
import { plotlyMime } from './render-plotly.js'
import { plotlyPage, saveAs } from './save.js'
import type { ScaleKind } from './scale.js'

/** Settings of the training dashboard. */
export interface DashboardOptions extends LiveOptions {
  /** Gives the bar its end and the curves their width. */
  epochs?: number
  /** Default: learned from the first epoch. */
  stepsPerEpoch?: number
  title?: string
  /** Names of metrics that will come, so that their panels stand from the start. */
  metrics?: readonly string[]
  /** Of all panels, or by metric: `{ loss: 'log' }`. Default 'linear'. */
  yscale?: ScaleKind | Readonly<Record<string, ScaleKind>>
  /** Steps that the strong curve averages over; default: a sixtieth of the run, within 5 and 200. 1 draws no average. */
  smoothing?: number
}

/** Values by name, at a step or at the end of an epoch. */
export type Metrics = Readonly<Record<string, Scalar>>

/** One line of the table. */
export interface EpochRow {
  readonly epoch: number
  readonly values: Readonly<Record<string, number>>
  readonly seconds: number
}

/** How long a log without pictures stays silent at most, in milliseconds. */
const plainInterval = 10_000

/**
 * A live view of training. `val…` and `test…` metrics share the panel of the training metric of that name. The picture
 * stays when the cell ends: interactive when done, marked red with the place when it was stopped. Where only text is
 * shown, it prints one line for each epoch.
 */
export class Dashboard extends Picture implements ActiveDisplay {
  /** Every metric's values so far. */
  readonly metrics = new Map<string, Metric>()
  readonly rows: EpochRow[] = []
  state: RunState = 'running'
  stepsPerEpoch: number | undefined
  /** Steps since the last end of an epoch. */
  private inEpoch = 0
  /** Position of the last end of an epoch, in steps. */
  private base = 0
  private lastEpochSteps = 0
  private steps = 0
  private epochStart = 0
  private nextLine = plainInterval
  private readonly live: LiveDisplay
  private readonly meter: Meter

  constructor(readonly options: DashboardOptions = {}) {
    super()
    checkCount('epochs', options.epochs)
    checkCount('stepsPerEpoch', options.stepsPerEpoch)
    checkCount('smoothing', options.smoothing)
    this.stepsPerEpoch = options.stepsPerEpoch
    this.live = new LiveDisplay(options)
    this.meter = new Meter(this.live.now)
    for (const name of options.metrics ?? []) this.metric(name)
    activeDisplays.add(this)
    if (!this.live.plain) this.draw()
  }

  /** Reports one step: `board.step({ loss })`. Numbers or tensors with one element; throws TypeError for others. */
  step(values: Metrics = {}): void {
    if (this.state !== 'running') this.resume()
    this.inEpoch++
    this.steps++
    const x = this.base + this.inEpoch
    const decay = this.decay
    for (const name in values) {
      const metric = this.metric(name)
      metric.perStep = true
      metric.add(x, toScalar(values[name], `board.step: ${name}`), decay)
    }
    const time = this.live.now()
    if (this.live.due(time)) this.tick()
  }

  /**
   * Ends an epoch: `board.epoch({ accuracy, valLoss })`. Metrics of the steps enter the table with their mean over the
   * epoch unless given here.
   */
  epoch(values: Metrics = {}): void {
    if (this.state !== 'running') this.resume()
    this.stepsPerEpoch ??= Math.max(1, this.inEpoch)
    const epoch = this.rows.length + 1
    this.lastEpochSteps = this.inEpoch
    this.base = Math.max(this.base + this.inEpoch, epoch * this.stepsPerEpoch)
    this.inEpoch = 0
    for (const name in values) {
      const metric = this.metric(name)
      if (!metric.perStep) metric.add(this.base, toScalar(values[name], `board.epoch: ${name}`), this.decay)
    }
    const row: Record<string, number> = {}
    for (const [name, metric] of this.metrics) {
      const mean = metric.takeMean()
      if (name in values) row[name] = toScalar(values[name], `board.epoch: ${name}`)
      else if (metric.perStep) row[name] = mean
    }
    const seconds = this.meter.seconds
    this.rows.push({ epoch, values: row, seconds: seconds - this.epochStart })
    this.epochStart = seconds
    if (this.live.plain) this.live.print(this.epochLine(this.rows.length - 1))
    else this.draw()
  }

  /** Ends the run: the picture becomes interactive. Without it the end of the cell does so. */
  end(): void {
    this.close('done')
  }

  /** Ends the display as the cell ended; called by the kernel. Another step or epoch continues the run. */
  finish(reason: FinishReason): void {
    if (this.state !== 'running') return
    const { total } = this
    this.close(reason === 'done' && total !== undefined && this.position < total ? 'paused' : reason)
  }

  /** The curves as a figure of their own, with every value. */
  figure(): Figure {
    return dashboardFigure(this, 'full')
  }

  /** Every value of every metric: steps (counted over the whole run) and values. */
  get history(): Record<string, { step: number[]; value: number[] }> {
    const all = [...this.metrics.values()]
    return Object.fromEntries(all.map((m) => [m.name, { step: Array.from(m.x.values), value: Array.from(m.y.values) }]))
  }

  /** Steps done, in units of whole epochs. */
  get position(): number {
    return this.base + this.inEpoch
  }

  /** Steps of the whole run, when known. */
  get total(): number | undefined {
    const { epochs } = this.options
    return epochs !== undefined && this.stepsPerEpoch !== undefined ? epochs * this.stepsPerEpoch : undefined
  }

  /** Share of the run that is done, 0 to 1, when known. */
  get fraction(): number | undefined {
    if (this.state === 'done') return 1
    return this.total === undefined ? undefined : Math.min(1, this.position / this.total)
  }

  /** Where the run is: `epoch 2/5 · step 310/600`, with what happened to it. */
  get status(): string {
    const { epoch, step } = this.place()
    const { epochs } = this.options
    if (this.state === 'done') {
      const parts = [count(this.rows.length, 'epoch'), count(this.steps, 'step')].filter(
        (part) => !part.startsWith('0'),
      )
      return parts.join(' · ') || 'done'
    }
    if (this.state !== 'running') {
      const what = { paused: 'paused', interrupted: 'stopped', error: 'stopped by an error' }[this.state]
      return `${what} at epoch ${epoch}${this.steps === 0 ? '' : `, step ${step}`}`
    }
    const at = `epoch ${epoch}${epochs === undefined ? '' : `/${epochs}`}`
    // Some loops report epochs only.
    if (this.steps === 0 && this.rows.length > 0) return at
    const of = this.stepsPerEpoch === undefined ? '' : `/${fixed(this.stepsPerEpoch, 0)}`
    return `${at} · step ${fixed(step, 0)}${of}`
  }

  /** Speed and remaining or used time. */
  get timing(): string {
    return this.meter.describe(
      this.steps || this.rows.length,
      this.steps ? this.total : this.options.epochs,
      this.state,
    )
  }

  override toBundle(): MimeBundle {
    const still = { 'image/svg+xml': dashboardSvg(this), 'text/plain': this.toString() }
    return this.metrics.size === 0 ? still : { [plotlyMime]: dashboardPlotly(this), ...still }
  }

  override toString(): string {
    const bar = this.fraction === undefined ? '' : `${textBar(this.fraction)} `
    const values = [...this.metrics.values()]
      .filter((m) => m.y.length > 0)
      .map((m) => `${m.name} ${formatValue(m.current)}`)
    const head = this.options.title === undefined ? '' : `${this.options.title}: `
    return head + bar + [this.status, this.timing, ...values].filter(Boolean).join(' · ')
  }

  /** Writes the dashboard as `.svg` or `.html` (interactive, offline, about 5 MB) and returns the absolute path. */
  override save(path: string): string {
    return saveAs(path, {
      '.svg': () => dashboardSvg(this),
      '.html': () => plotlyPage(dashboardPlotly(this), this.options.title ?? 'Training'),
    })
  }

  private tick(): void {
    if (!this.live.plain) return this.draw()
    // Without epochs a long run would say nothing at all.
    const elapsed = this.meter.seconds * 1000
    if (elapsed < this.nextLine) return
    this.nextLine = elapsed + plainInterval
    this.live.print(this.toString())
  }

  private draw(): void {
    this.live.draw(() => ({ 'image/svg+xml': dashboardSvg(this), 'text/plain': this.toString() }))
  }

  private close(state: RunState): void {
    activeDisplays.delete(this)
    this.state = state
    this.meter.stop()
    if (this.live.plain) this.live.print(this.toString())
    // A stopped run keeps its last picture, marked; a finished one becomes interactive.
    else if (state === 'interrupted' || state === 'error') this.draw()
    else this.live.draw(() => this.toBundle())
  }

  private resume(): void {
    this.state = 'running'
    this.meter.resume()
    activeDisplays.add(this)
  }

  private metric(name: string): Metric {
    let metric = this.metrics.get(name)
    if (!metric) this.metrics.set(name, (metric = new Metric(name)))
    return metric
  }

  private get decay(): number {
    const window = this.options.smoothing ?? Math.max(5, Math.min(200, Math.round((this.total ?? 1200) / 60)))
    return 1 - 2 / (window + 1)
  }

  private place(): { epoch: number; step: number } {
    const done = this.rows.length
    if (this.inEpoch === 0) return { epoch: Math.max(1, done), step: this.lastEpochSteps }
    const each = this.stepsPerEpoch ?? Infinity
    const epoch = done + 1 + Math.floor((this.inEpoch - 1) / each)
    return { epoch, step: Number.isFinite(each) ? ((this.inEpoch - 1) % each) + 1 : this.inEpoch }
  }

  private epochLine(i: number): string {
    const row = this.rows[i]
    if (!row) return ''
    const { epochs, title } = this.options
    const values = Object.entries(row.values).map(([name, value]) => `${name} ${formatValue(value)}`)
    const place = `epoch ${row.epoch}${epochs === undefined ? '' : `/${epochs}`}`
    return (title === undefined ? '' : `${title}: `) + [place, ...values, formatDuration(row.seconds, true)].join(' · ')
  }
}

/**
 * A live training dashboard: `const board = plot.dashboard({ epochs: 5, stepsPerEpoch: loader.length })`, then
 * `board.step({ loss })`, `board.epoch({ accuracy, valLoss })` and `board.end()`.
 */
export function dashboard(options: DashboardOptions = {}): Dashboard {
  return new Dashboard(options)
}

function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
    throw new RangeError(`dashboard: ${name} is ${value}; a whole number from 1 is expected`)
  }
}

function count(n: number, word: string): string {
  return `${fixed(n, 0)} ${word}${n === 1 ? '' : 's'}`
}
