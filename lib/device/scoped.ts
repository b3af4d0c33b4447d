/** Settings that hold while a function runs, such as "record no graph"; async functions may overlap. */
import { onStop } from './interrupt.js'

export class Scoped<T> {
  /** The value that holds now. */
  current: T
  readonly #open: { value: T }[] = []

  /** @param base the value that holds where no function says otherwise. */
  constructor(private base: T) {
    this.current = base
    // A stop may end a function without running its `finally`: nothing may stay open then.
    onStop(() => {
      this.#open.length = 0
      this.current = this.base
    })
  }

  /** Runs `body` with another value; when it returns a promise, until that settles. */
  run<R>(value: T, body: () => R): R {
    const scope = { value }
    this.#open.push(scope)
    this.current = value
    let result: R
    try {
      result = body()
    } catch (error) {
      this.#close(scope)
      throw error
    }
    if (result instanceof Promise) return result.finally(() => this.#close(scope)) as R
    this.#close(scope)
    return result
  }

  /** Lets another value hold from now on: until the function that is running ends, or for good where none is. */
  set(value: T): void {
    const scope = this.#open.at(-1)
    if (scope) scope.value = value
    else this.base = value
    this.current = value
  }

  #close(scope: { value: T }): void {
    const at = this.#open.lastIndexOf(scope)
    if (at < 0) return
    this.#open.splice(at, 1)
    this.current = this.#open.length > 0 ? this.#open[this.#open.length - 1].value : this.base
  }
}
