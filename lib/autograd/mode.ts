/** Whether operations record a graph: `noGrad`, `enableGrad`. */

let enabled = true

export function isGradEnabled(): boolean {
  return enabled
}

/** Runs `body` with recording set to `value`; an async body keeps the setting until it settles. */
export function withGrad<T>(value: boolean, body: () => T): T {
  const before = enabled
  enabled = value
  let result: T
  try {
    result = body()
  } catch (error) {
    enabled = before
    throw error
  }
  if (result instanceof Promise) {
    return result.finally(() => {
      enabled = before
    }) as T
  }
  enabled = before
  return result
}

/**
 * Runs `body` without recording a graph, as evaluation and parameter updates want (torch.no_grad). Returns its result.
 *
 * @example const accuracy = noGrad(() => net.forward(images).argmax(1).eq(labels).mean())
 */
export function noGrad<T>(body: () => T): T {
  return withGrad(false, body)
}

/** Runs `body` with recording on, inside a `noGrad` (torch.enable_grad). Returns its result. */
export function enableGrad<T>(body: () => T): T {
  return withGrad(true, body)
}
