/** Contours and surfaces as plotly's JSON. */
import { contourLines } from './contour-lines.js'
import { formatValue } from './format.js'
import type { ContourTrace, Scene } from './model.js'
import { colorscale, escapePlotly, list, mapDigits, round } from './plotly-values.js'
import { pathColor } from './scene.js'

/**
 * A contour. Plotly knows levels at equal distances only, so others are drawn over the values' places among the levels, and
 * the colour bar and hover texts name the values.
 */
export function contour(trace: ContourTrace): Record<string, unknown> {
  const { levels, rows, columns, values, filled, color } = trace
  if (color !== undefined && !filled) return plainLines(trace, color)
  const even = levels.every(
    (level, i) => i === 0 || Math.abs(level - levels[0] - i * step(levels)) < 1e-6 * step(levels),
  )
  const cells = even ? values : values.map((value) => placeAmong(levels, value))
  const matrix = <T>(of: (i: number) => T): T[][] =>
    Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => of(r * columns + c)))
  const rounded = list(cells, mapDigits + 1)
  const bar = even ? {} : { tickvals: levels.map((_, i) => i), ticktext: levels.map(formatValue) }
  return {
    type: 'contour',
    x: list(trace.x),
    y: list(trace.y),
    z: matrix((i) => rounded[i]),
    contours: {
      start: even ? (levels[0] ?? 0) : 0,
      end: even ? (levels.at(-1) ?? 0) : levels.length - 1,
      size: even ? step(levels) : 1,
      coloring: filled ? 'fill' : 'lines',
    },
    line: {
      width: trace.lineWidth ?? (filled ? 0.7 : 1.4),
      ...(color !== undefined ? { color } : filled && { color: 'rgba(255,255,255,0.55)' }),
      ...(trace.dash && { dash: trace.dash }),
    },
    colorscale: colorscale(trace.colormap),
    showscale: trace.colorbar,
    ...(trace.colorbar && { colorbarTicks: bar }),
    ...(!even && {
      text: matrix((i) => formatValue(values[i])),
      hovertemplate: 'x: %{x}<br>y: %{y}<br>z: %{text}<extra></extra>',
    }),
  }
}

/** Lines of one colour travel as lines: much smaller than the grid that they come from. */
function plainLines(trace: ContourTrace, color: string): Record<string, unknown> {
  const lines = trace.levels.flatMap((level) => contourLines(trace, level))
  const along = (places: Float64Array, index: number): number => {
    const i = Math.min(Math.floor(index), places.length - 2)
    return round(places[i] + (places[i + 1] - places[i]) * (index - i), 5)
  }
  return {
    type: 'scatter',
    mode: 'lines',
    x: lines.flatMap(({ columns }) => [...columns.map((c) => along(trace.x, c)), null]),
    y: lines.flatMap(({ rows }) => [...rows.map((r) => along(trace.y, r)), null]),
    line: { color, width: trace.lineWidth ?? 1.4, ...(trace.dash && { dash: trace.dash }) },
    hoverinfo: 'skip',
  }
}

/** The surface and its paths; `scene` is the name of plotly's scene. */
export function sceneTraces(scene: Scene, name: string, legend: string): Record<string, unknown>[] {
  const { rows, columns, values } = scene
  // A path in the surface itself would flicker in and out of it.
  const lift = (scene.range[1] - scene.range[0]) * 0.012
  const surface = {
    type: 'surface',
    scene: name,
    x: list(scene.x),
    y: list(scene.y),
    z: Array.from({ length: rows }, (_, r) => list(values.subarray(r * columns, (r + 1) * columns), mapDigits)),
    cmin: scene.range[0],
    cmax: scene.range[1],
    colorscale: colorscale(scene.colormap),
    showscale: scene.colorbar,
    colorbar: { thickness: 12, len: 0.7, outlinewidth: 0 },
    hovertemplate: 'x: %{x}<br>y: %{y}<br>z: %{z}<extra></extra>',
    contours: { z: { show: true, usecolormap: true, highlightcolor: '#ffffff', project: { z: false } } },
  }
  const paths = scene.paths.map((path, i) => ({
    type: 'scatter3d',
    scene: name,
    mode: path.x.length <= 200 ? 'lines+markers' : 'lines',
    ...(path.name !== undefined && { name: escapePlotly(path.name) }),
    showlegend: path.name !== undefined,
    ...(path.name !== undefined && { legend }),
    x: list(path.x),
    y: list(path.y),
    z: list(path.z.map((v) => v + lift)),
    line: { color: pathColor(path, i), width: 5 },
    marker: { color: pathColor(path, i), size: 3 },
  }))
  return [surface, ...paths]
}

/** Axes and camera of a scene. */
export function sceneLayout(
  scene: Scene,
  labels: { x?: string; y?: string },
  domain: { x: [number, number]; y: [number, number] },
): Record<string, unknown> {
  const [a, e] = [(scene.azimuth * Math.PI) / 180, (scene.elevation * Math.PI) / 180]
  const far = 1.9
  const axis = (label: string | undefined) => ({ title: { text: escapePlotly(label ?? '') } })
  return {
    domain,
    xaxis: axis(labels.x),
    yaxis: axis(labels.y),
    zaxis: axis(scene.zlabel ?? 'z'),
    aspectmode: 'manual',
    aspectratio: { x: 1, y: 1, z: 0.62 },
    camera: {
      eye: {
        x: round(far * Math.cos(a) * Math.cos(e), 4),
        y: round(far * Math.sin(a) * Math.cos(e), 4),
        z: round(far * Math.sin(e), 4),
      },
    },
  }
}

function step(levels: readonly number[]): number {
  return levels.length > 1 ? levels[1] - levels[0] : 1
}

/** 0 at the first level, 1 at the second …; straight on beyond both ends, by at most one. */
function placeAmong(levels: readonly number[], value: number): number {
  if (!Number.isFinite(value) || levels.length === 0) return NaN
  const last = levels.length - 1
  if (last === 0) return Math.sign(value - levels[0])
  if (value < levels[0]) return Math.max(-1, (value - levels[0]) / (levels[1] - levels[0]))
  if (value >= levels[last]) return last + Math.min(1, (value - levels[last]) / (levels[last] - levels[last - 1]))
  const i = levels.findIndex((level) => level > value) - 1
  return i + (value - levels[i]) / (levels[i + 1] - levels[i])
}
