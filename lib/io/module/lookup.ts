/** How the kernel tells where cells define classes. Alone in its file: the kernel starts without the rest of the library. */

let lookup: (name: string) => unknown = () => undefined

/** Installs what finds a name of the session; undefined when there is none. */
export function installClassLookup(find: (name: string) => unknown): void {
  lookup = find
}

/** What the session calls by this name. */
export function lookUp(name: string): unknown {
  return lookup(name)
}
