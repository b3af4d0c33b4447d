/** What the thread of a download shows while it works: Float64 slots, the first of them used as an Int32 flag. */
export const Shared = { ended: 0, received: 1, total: 2, length: 3 } as const
