/** Where the files of a data set lie, and what is said when they are not there. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What else can be done about a missing file of a data set that can be downloaded. */
export const orDownload = ', or pass { download: true }'

/** The first of these files that exists in one of the folders. @throws Error saying which files to put where. */
export function findFile(
  dataset: string,
  folders: readonly string[],
  names: readonly string[],
  otherwise = '',
): string {
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined)
    throw new Error(
      `${dataset}: ${names.join(' or ')} is not in ${folders.map((folder) => resolve(folder)).join(' nor in ')}; put the file there${otherwise}`,
    )
  return found
}

/** The folder that must exist. @throws Error naming it, with what is expected there. */
export function findFolder(dataset: string, folders: readonly string[], what: string): string {
  const found = folders.find((folder) => existsSync(folder))
  if (found === undefined)
    throw new Error(`${dataset}: there is no folder ${folders.map((folder) => resolve(folder)).join(' nor ')}; ${what}`)
  return found
}
