/** Temporary folders of a test file, removed when its tests are over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new empty folder, in `parent`. Call it inside a `describe` or a hook of one that outlives the folder's use. */
export function temporaryFolders(parent = tmpdir()): () => string {
  const folders: string[] = []
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))
  return () => {
    const folder = mkdtempSync(join(parent, 'gradbook-test-'))
    folders.push(folder)
    return folder
  }
}
