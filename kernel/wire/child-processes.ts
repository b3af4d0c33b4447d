/** The processes that a cell waits for, found in the system's table, since the main thread cannot tell while it waits. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessEntry {
  pid: number
  parent: number
  group: number
}

/**
 * What Ctrl-C in a terminal would reach: our descendants and, where we lead it, our process group; but neither `beside`
 * (processes that run beside the cells) nor what descends from these.
 */
export function foreground(table: readonly ProcessEntry[], own: number, beside: ReadonlySet<number>): number[] {
  const parents = new Map(table.map(({ pid, parent }) => [pid, parent]))
  const line = (pid: number): number[] => {
    const found: number[] = []
    for (let at: number | undefined = pid; at !== undefined && at > 1 && !found.includes(at); at = parents.get(at))
      found.push(at)
    return found
  }
  const leads = table.some(({ pid, group }) => pid === own && group === own)
  return table.flatMap(({ pid, group }) => {
    if (pid === own) return []
    const ancestors = line(pid)
    const ours = ancestors.includes(own) || (leads && group === own)
    return ours && !ancestors.some((ancestor) => beside.has(ancestor)) ? [pid] : []
  })
}

export function processTable(): ProcessEntry[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The program's name, in parentheses, may hold anything: the numbers come after the last one. First the state.
      const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [{ pid: Number(name), parent: Number(parent), group: Number(group) }]
    } catch {
      return [] // it has ended meanwhile
    }
  })
}

function fromPs(): ProcessEntry[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group] = line.trim().split(/\s+/).map(Number)
    return group === undefined ? [] : [{ pid, parent, group }]
  })
}
