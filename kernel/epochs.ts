/** How long notebooks train: as long as they say, or shorter where somebody only wants to see that they run. */

/**
 * The number of epochs to train: `wanted`, capped by the environment variable GRADBOOK_EPOCHS, which automatic runs of
 * notebooks set.
 * @throws Error when GRADBOOK_EPOCHS is not a whole number from 1 on
 * @example for (let epoch = 1; epoch <= epochs(5); epoch++) …
 */
export function epochs(wanted: number): number {
  const cap = process.env.GRADBOOK_EPOCHS
  if (cap === undefined || cap === '') return wanted
  if (!/^[1-9]\d*$/.test(cap)) throw new Error(`GRADBOOK_EPOCHS is a whole number from 1 on, got '${cap}'`)
  return Math.min(wanted, Number(cap))
}
