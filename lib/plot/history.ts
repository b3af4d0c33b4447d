/** What a training run has reported so far: every value of every metric, cheap to append, with its running average. */

/** A list of doubles that doubles its room: appending costs nanoseconds. */
export class GrowingList {
  private data = new Float64Array(64)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Float64Array(this.length * 2)
      larger.set(this.data)
      this.data = larger
    }
    this.data[this.length++] = value
  }

  /** A view of the values; appending later may leave it behind. */
  get values(): Float64Array {
    return this.data.subarray(0, this.length)
  }
}

export type Role = 'train' | 'val' | 'test'

/** `valLoss`, `val_loss` and `val/loss` belong to `loss`; `value` and `testimony` are names of their own. */
export function parseName(name: string): { base: string; role: Role } {
  const match = /^(train|training|val|valid|validation|test)(?:[_\-/ ]+(?=.)|(?=[A-Z]))(.+)$/.exec(name)
  if (!match) return { base: name, role: 'train' }
  const [, prefix = '', rest = ''] = match
  const base = /^[A-Z][a-z]/.test(rest) ? rest.charAt(0).toLowerCase() + rest.slice(1) : rest
  return { base, role: prefix.startsWith('val') ? 'val' : prefix === 'test' ? 'test' : 'train' }
}

export class Metric {
  readonly base: string
  readonly role: Role
  readonly x = new GrowingList()
  readonly y = new GrowingList()
  readonly smooth = new GrowingList()
  /** Reported at steps; otherwise only at the ends of epochs. */
  perStep = false
  private average = 0
  private weight = 0
  private sum = 0
  private count = 0

  constructor(readonly name: string) {
    const { base, role } = parseName(name)
    this.base = base
    this.role = role
  }

  /**
   * A value at a position; `decayPerStep` is the share that the past keeps in the running average over one step. Over longer gaps it
   * keeps less: a metric that is measured every 50 steps shows its values, not an average over thousands of steps.
   */
  add(x: number, value: number, decayPerStep: number): void {
    const decay = decayPerStep ** Math.max(1, x - (this.x.values[this.x.length - 1] ?? x))
    this.x.push(x)
    this.y.push(value)
    if (Number.isFinite(value)) {
      this.average = decay * this.average + (1 - decay) * value
      // The weights of the values so far sum to less than 1 at the start: dividing by them removes the pull to 0.
      this.weight = decay * this.weight + (1 - decay)
      this.smooth.push(this.average / this.weight)
    } else this.smooth.push(NaN)
    this.sum += value
    this.count++
  }

  /** The value to show now: the running average of steps, else the last value. NaN when there is none. */
  get current(): number {
    const values = this.perStep ? this.smooth.values : this.y.values
    return values[values.length - 1] ?? NaN
  }

  /** Mean since the last call, and a new start. NaN when nothing was reported. */
  takeMean(): number {
    const mean = this.count > 0 ? this.sum / this.count : NaN
    this.sum = 0
    this.count = 0
    return mean
  }
}
