/** Which processes a stop reaches, by a table of the system's processes. */
import assert from 'node:assert/strict'
import { foreground, processTable } from '../../../kernel/wire/child-processes.js'

const table = [
  { pid: 1, parent: 0, group: 1 },
  { pid: 10, parent: 1, group: 10 }, // the kernel
  { pid: 11, parent: 10, group: 10 }, // a shell that it waits for
  { pid: 12, parent: 11, group: 10 }, // what the shell runs
  { pid: 13, parent: 1, group: 10 }, // what another shell, which has ended, has left behind
  { pid: 20, parent: 10, group: 10 }, // runs beside the cells
  { pid: 21, parent: 20, group: 10 },
  { pid: 30, parent: 10, group: 30 }, // a child with a group of its own
  { pid: 40, parent: 1, group: 40 },
]

describe('foreground processes', () => {
  it('are descendants and the group, without what runs beside the cells', () => {
    assert.deepEqual(foreground(table, 10, new Set([20])), [11, 12, 13, 30])
  })

  it('are descendants only where another program leads the group', () => {
    const started = table.map((entry) => (entry.group === 10 ? { ...entry, group: 1 } : entry))
    assert.deepEqual(foreground(started, 10, new Set()), [11, 12, 20, 21, 30])
  })

  it('are found in the table of this system', () => {
    const own = processTable().find(({ pid }) => pid === process.pid)
    assert.equal(own?.parent, process.ppid)
  })
})
