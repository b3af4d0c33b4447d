/** The arithmetic of maps of the plane, in double precision: from where each new pixel is read. */

/** x and y. */
export type Point = readonly [x: number, y: number]

/** (x, y) ↦ (a·x + b·y + c, d·x + e·y + f). */
export type AffineMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** A turn, shear, scale and move around a point. */
export interface AffineParts {
  readonly center: Point
  /** Degrees. */
  readonly angle: number
  readonly translate?: Point
  readonly scale?: number
  /** Degrees along x and y. */
  readonly shear?: Point
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/**
 * The way back of x ↦ center + translate + scale · R(angle) · Sy(shear) · Sx(shear) · (x − center), where R is a rotation and
 * S are shears by tangents: from the new positions to the old.
 */
export function inverseAffine({
  center,
  angle,
  translate = [0, 0],
  scale = 1,
  shear = [0, 0],
}: AffineParts): AffineMap {
  const [turn, sx, sy] = [radians(angle), radians(shear[0]), radians(shear[1])]
  const [cx, cy] = center
  // Rotation and shears together; their determinant is 1, so the inverse needs no division.
  const a = Math.cos(turn - sy) / Math.cos(sy)
  const b = (-Math.cos(turn - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(turn)
  const c = Math.sin(turn - sy) / Math.cos(sy)
  const d = (-Math.sin(turn - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(turn)
  const [ia, ib, ic, id] = [d / scale, -b / scale, -c / scale, a / scale]
  const [x, y] = [-cx - translate[0], -cy - translate[1]]
  return [ia, ib, ia * x + ib * y + cx, ic, id, ic * x + id * y + cy]
}

/** Height and width that hold all of an image after the map. */
export function rotatedSize([a, b, c, d, e, f]: AffineMap, height: number, width: number): [number, number] {
  const corners = [
    [-0.5 * width, -0.5 * height],
    [-0.5 * width, 0.5 * height],
    [0.5 * width, 0.5 * height],
    [0.5 * width, -0.5 * height],
  ]
  const extent = (values: number[], shift: number): number => {
    // Four decimals, so that a number that should be whole is not rounded up.
    const cut = (v: number): number => Math.trunc((v + shift) / 1e-4) * 1e-4
    return Math.ceil(cut(Math.max(...values))) - Math.floor(cut(Math.min(...values)))
  }
  const xs = corners.map(([x, y]) => a * x + b * y + c)
  const ys = corners.map(([x, y]) => d * x + e * y + f)
  return [extent(ys, height * 0.5), extent(xs, width * 0.5)]
}

/** The eight numbers of the projective map from new positions to old that takes each end point to its start point. */
export function perspectiveCoefficients(startpoints: readonly Point[], endpoints: readonly Point[]): number[] {
  if (startpoints.length !== 4 || endpoints.length !== 4)
    throw new RangeError(
      `perspective: needs exactly four corners, got ${startpoints.length} start points and ${endpoints.length} end points`,
    )
  const rows = endpoints.flatMap(([x, y], i) => {
    const [u, v] = startpoints[i]
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ]
  })
  return solve(rows).map(Math.fround)
}

/** Solves a system of as many equations as unknowns by elimination; each row ends with its right side. */
function solve(rows: number[][]): number[] {
  const n = rows.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i
    if (Math.abs(rows[pivot][k]) < 1e-12)
      throw new RangeError('perspective: three of the corners lie on a line, so no projective map takes them there')
    ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k]
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j]
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let k = n - 1; k >= 0; k--) {
    const known = rows[k].slice(k + 1, n).reduce((sum, value, j) => sum + value * x[k + 1 + j], 0)
    x[k] = (rows[k][n] - known) / rows[k][k]
  }
  return x
}
