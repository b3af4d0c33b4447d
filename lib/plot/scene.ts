/** A surface in space as SVG: an orthographic view, far facets first, with axes along the edges of the box's floor. */
import { checkColor, colorTable, seriesColor } from './colors.js'
import { drawColorbar } from './colorbar.js'
import { interpolate } from './grid-values.js'
import { cellColor } from './marks-map.js'
import type { Panel, Scene, ScenePath } from './model.js'
import { linePath } from './paths.js'
import { extentOf, linearTicks } from './scale.js'
import { fitText, ink, px, tag, text, textGroup } from './svg.js'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Facets along each side: fewer in small pictures, which stand beside others. */
const facetsFor = (width: number): number => Math.max(10, Math.min(34, Math.round(width / 20)))

/** Points of a path at most. */
const pathPoints = 400

/** How tall the box is, as a share of its sides. */
const tall = 0.62

type Place = readonly [number, number]

/** From data to pixels, and how near a point is to the eye. */
interface View {
  place(x: number, y: number, z: number): Place
  depth(x: number, y: number): number
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
  readonly z: readonly [number, number]
}

/** The scene, filling `box`; the panel gives title and names of the axes. */
export function drawScene(scene: Scene, box: Box, panel: Panel): string {
  const top = panel.title ? 22 : 4
  const names = scene.paths.filter((path) => path.name !== undefined)
  const legend = names.length > 0 ? 20 : 0
  const right = scene.colorbar ? 62 : 8
  const view = lookAt(scene, {
    x: box.x + 8,
    y: box.y + top + legend,
    width: box.width - right - 8,
    height: box.height - top - legend,
  })
  const bar = { x: box.x + box.width - right + 10, y: box.y + top + box.height * 0.16, height: box.height * 0.6 }
  return [
    panel.title
      ? text(box.x + box.width / 2, box.y + 14, fitText(panel.title, 14.3, box.width - 10), {
          size: 13,
          weight: 600,
          color: ink.text,
          anchor: 'middle',
        })
      : '',
    drawFrame(scene, view, panel),
    drawFacets(scene, view, facetsFor(box.width)),
    scene.paths.map((path, i) => drawPath(path, view, pathColor(path, i))).join(''),
    names.map((path, i) => legendEntry(path, i, box, top)).join(''),
    scene.colorbar ? drawColorbar(scene, bar.x, bar.y, bar.height) : '',
  ].join('')
}

/** Colour of a path: its own, or the palette's. */
export function pathColor(path: ScenePath, i: number): string {
  return path.color === undefined ? seriesColor(i + 1) : checkColor(path.color)
}

function lookAt(scene: Scene, box: Box): View {
  const filled = (extent: [number, number]): readonly [number, number] =>
    extent[1] > extent[0] ? extent : Number.isNaN(extent[0]) ? [0, 1] : [extent[0] - 0.5, extent[0] + 0.5]
  const [x, y, z] = [scene.x, scene.y, scene.values].map((values) => filled(extentOf([values])))
  const share = (v: number, [low, high]: readonly [number, number]): number => (v - low) / (high - low) - 0.5
  const [a, e] = [(scene.azimuth * Math.PI) / 180, (scene.elevation * Math.PI) / 180]
  const turned = (u: number, v: number, w: number): Place => [
    -u * Math.sin(a) + v * Math.cos(a),
    w * tall * Math.cos(e) - (u * Math.cos(a) + v * Math.sin(a)) * Math.sin(e),
  ]
  const corners = [-0.5, 0.5].flatMap((u) => [-0.5, 0.5].flatMap((v) => [-0.5, 0.5].map((w) => turned(u, v, w))))
  const [left, rightmost] = extentOf([corners.map(([across]) => across)])
  const [low, high] = extentOf([corners.map(([, up]) => up)])
  // Room for numbers and names around the box.
  const unit = Math.min((box.width - 90) / (rightmost - left), (box.height - 64) / (high - low))
  const middle: Place = [box.x + box.width / 2, box.y + box.height / 2 - 14]
  return {
    x,
    y,
    z,
    place: (px, py, pz) => {
      const [across, up] = turned(share(px, x), share(py, y), share(pz, z))
      return [middle[0] + across * unit, middle[1] - (up - (low + high) / 2) * unit]
    },
    depth: (px, py) => share(px, x) * Math.cos(a) + share(py, y) * Math.sin(a),
  }
}

/** The floor with its grid, the numbers along its near edges, and the height at its left corner. */
function drawFrame(scene: Scene, view: View, panel: Panel): string {
  const { x, y, z } = view
  const corner = (i: number, j: number): Place => view.place(x[i], y[j], z[0])
  // The corner of the floor that is nearest to the eye.
  const near = [0, 1].flatMap((i) => [0, 1].map((j) => ({ i, j, depth: view.depth(x[i], y[j]) })))
  const { i: ni, j: nj } = near.reduce((best, each) => (each.depth > best.depth ? each : best))
  const ticks = (span: readonly [number, number]) => linearTicks(span[0], span[1], 4)
  const line = (from: Place, to: Place): string => `M${px(from[0])},${px(from[1])}L${px(to[0])},${px(to[1])}`
  let grid = ''
  for (const t of ticks(x)) grid += line(view.place(t.value, y[0], z[0]), view.place(t.value, y[1], z[0]))
  for (const t of ticks(y)) grid += line(view.place(x[0], t.value, z[0]), view.place(x[1], t.value, z[0]))
  // Of the two ends of the near edges, the one further left carries the height.
  const ends: readonly (readonly [number, number])[] = [
    [1 - ni, nj],
    [ni, 1 - nj],
  ]
  const [li, lj] = corner(...ends[0])[0] < corner(...ends[1])[0] ? ends[0] : ends[1]
  const edges =
    line(corner(0, 0), corner(1, 0)) +
    line(corner(1, 0), corner(1, 1)) +
    line(corner(1, 1), corner(0, 1)) +
    line(corner(0, 1), corner(0, 0)) +
    line(corner(li, lj), view.place(x[li], y[lj], z[1]))
  const middle = view.place((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, z[0])
  const beside = (at: Place, label: string, away: number): string => {
    const length = Math.hypot(at[0] - middle[0], at[1] - middle[1]) || 1
    const [ux, uy] = [(at[0] - middle[0]) / length, (at[1] - middle[1]) / length]
    return text(at[0] + ux * away, at[1] + Math.max(0.35, uy) * away + 4, label)
  }
  const numbers = [
    ...ticks(x).map((t) => beside(view.place(t.value, y[nj], z[0]), t.label, 13)),
    ...ticks(y).map((t) => beside(view.place(x[ni], t.value, z[0]), t.label, 13)),
  ]
  const names = [
    panel.x.label && beside(view.place((x[0] + x[1]) / 2, y[nj], z[0]), panel.x.label, 34),
    panel.y.label && beside(view.place(x[ni], (y[0] + y[1]) / 2, z[0]), panel.y.label, 34),
  ]
  const heights = ticks(z).map((t) => {
    const [left, up] = view.place(x[li], y[lj], t.value)
    return text(left - 7, up + 4, t.label)
  })
  const [zx, zy] = view.place(x[li], y[lj], z[1])
  return [
    tag('path', { d: grid, stroke: ink.grid, fill: 'none' }),
    tag('path', { d: edges, stroke: ink.axis, fill: 'none' }),
    textGroup({ color: ink.faint, anchor: 'middle', size: 10.5 }, numbers.join('')),
    textGroup({ color: ink.faint, anchor: 'end', size: 10.5 }, heights.join('')),
    textGroup({ size: 12, anchor: 'middle' }, names.filter(Boolean).join('')),
    scene.zlabel ? text(zx, zy - 8, scene.zlabel, { size: 12, anchor: 'middle' }) : '',
  ].join('')
}

function drawFacets(scene: Scene, view: View, facets: number): string {
  const { rows, columns, x, y, range } = scene
  if (rows < 2 || columns < 2) return ''
  const table = colorTable(scene.colormap)
  const [nr, nc] = [Math.min(facets, rows - 1), Math.min(facets, columns - 1)]
  const at = (places: Float64Array, index: number): number => {
    const i = Math.min(Math.floor(index), places.length - 2)
    return places[i] + (places[i + 1] - places[i]) * (index - i)
  }
  const point = (r: number, c: number) => {
    const [row, column] = [(r / nr) * (rows - 1), (c / nc) * (columns - 1)]
    return { x: at(x, column), y: at(y, row), z: interpolate(scene, column, row) }
  }
  const points = Array.from({ length: nr + 1 }, (_, r) => Array.from({ length: nc + 1 }, (_, c) => point(r, c)))
  const shapes: { depth: number; markup: string }[] = []
  for (let r = 0; r < nr; r++) {
    for (let c = 0; c < nc; c++) {
      const ring = [points[r][c], points[r][c + 1], points[r + 1][c + 1], points[r + 1][c]]
      const z = ring.reduce((sum, p) => sum + p.z / 4, 0)
      if (!Number.isFinite(z)) continue
      const color = `#${cellColor(z, range, table)
        .map((part) => part.toString(16).padStart(2, '0'))
        .join('')}`
      const places = ring.map((p) => view.place(p.x, p.y, p.z))
      shapes.push({
        depth: view.depth((ring[0].x + ring[2].x) / 2, (ring[0].y + ring[2].y) / 2),
        markup: tag('path', { d: closed(places), fill: color }),
      })
    }
  }
  shapes.sort((a, b) => a.depth - b.depth)
  const style = { stroke: '#ffffff', 'stroke-width': 0.35, 'stroke-opacity': 0.6, 'stroke-linejoin': 'round' }
  return tag('g', style, shapes.map(({ markup }) => markup).join(''))
}

function closed(places: readonly Place[]): string {
  const d = linePath(
    places.map(([x]) => x),
    places.map(([, y]) => y),
  )
  return `${d.replace('l0,0 ', 'l').replace('l0,0', 'l')}z`
}

function drawPath(path: ScenePath, view: View, color: string): string {
  const every = Math.ceil(path.x.length / pathPoints)
  const kept = Array.from(path.x.keys()).filter((i) => i % every === 0 || i === path.x.length - 1)
  const places = kept.map((i) => view.place(path.x[i], path.y[i], path.z[i])).filter((p) => p.every(Number.isFinite))
  if (places.length === 0) return ''
  const d = `M${places.map((p) => p.map(px).join(',')).join('L')}`
  const round = { fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }
  return (
    tag('path', { d, ...round, stroke: '#ffffff', 'stroke-width': 4.2, 'stroke-opacity': 0.85 }) +
    tag('path', { d, ...round, stroke: color, 'stroke-width': 2.2 })
  )
}

function legendEntry(path: ScenePath, i: number, box: Box, top: number): string {
  const x = box.x + 16 + i * 110
  const y = box.y + top + 12
  return (
    tag('path', { d: `M${px(x)},${px(y - 4)}h16`, stroke: pathColor(path, i), 'stroke-width': 2.5 }) +
    text(x + 22, y, fitText(path.name ?? '', 11.5, 84), { size: 11.5 })
  )
}
