/** Lines of equal value over a grid of points, by marching squares; places are grid coordinates (column, row). */
import { checkGrid, type GridValues } from './grid-values.js'

/** A line as columns and rows, in order. */
export interface GridLine {
  readonly columns: number[]
  readonly rows: number[]
}

/**
 * The lines on which the values, linear between neighbours, are `level`. Closed ones repeat their first point. Cells with a
 * corner that is not finite have no line.
 */
export function contourLines(grid: GridValues, level: number): GridLine[] {
  checkGrid(grid)
  const neighbours = crossings(grid, level)
  const lines: GridLine[] = []
  const walk = (start: number): void => {
    const line: GridLine = { columns: [], rows: [] }
    let previous = -1
    let at: number | undefined = start
    while (at !== undefined) {
      const [column, row] = placeOnEdge(grid, at, level)
      line.columns.push(column)
      line.rows.push(row)
      const next: number | undefined = neighbours.get(at)?.pop()
      if (next === undefined) break
      const back = neighbours.get(next)
      back?.splice(back.indexOf(at), 1)
      previous = at
      at = next
    }
    if (previous >= 0) lines.push(line)
  }
  // Open lines begin at an edge with one neighbour; what remains are loops.
  for (const [edge, found] of neighbours) if (found.length === 1) walk(edge)
  for (const [edge, found] of neighbours) while (found.length > 0) walk(edge)
  return lines
}

/**
 * For each edge of the grid that the level crosses, the edges that its line goes on to. Edge 2i leads from point i to its right
 * neighbour, edge 2i + 1 to the one in the next row.
 */
function crossings({ values, rows, columns }: GridValues, level: number): Map<number, number[]> {
  const neighbours = new Map<number, number[]>()
  const link = (a: number, b: number): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const known = neighbours.get(from)
      if (known) known.push(to)
      else neighbours.set(from, [to])
    }
  }
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const i = r * columns + c
      const [a, b, d, e] = [values[i], values[i + 1], values[i + columns + 1], values[i + columns]]
      const code = (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (d >= level ? 4 : 0) | (e >= level ? 8 : 0)
      // Their sum is not finite when one of them is not.
      if (code === 0 || code === 15 || !Number.isFinite(a + b + d + e)) continue
      const [top, right, bottom, left] = [2 * i, 2 * (i + 1) + 1, 2 * (i + columns), 2 * i + 1]
      const edges = [top, right, bottom, left].filter((_, k) => ((code >> k) & 1) !== ((code >> ((k + 1) % 4)) & 1))
      if (edges.length === 2) link(edges[0], edges[1])
      else {
        // A saddle: the middle says which corners are joined.
        const middle = (a + b + d + e) / 4 >= level
        const joined = middle === ((code & 1) === 1)
        link(top, joined ? right : left)
        link(bottom, joined ? left : right)
      }
    }
  }
  return neighbours
}

function placeOnEdge({ values, columns }: GridValues, edge: number, level: number): [number, number] {
  const i = edge >> 1
  const [r, c] = [Math.floor(i / columns), i % columns]
  const [from, to] = [values[i], values[edge % 2 === 0 ? i + 1 : i + columns]]
  const share = to === from ? 0.5 : Math.max(0, Math.min(1, (level - from) / (to - from)))
  return edge % 2 === 0 ? [c + share, r] : [c, r + share]
}
