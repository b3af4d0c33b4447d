/** Small writes become few messages, in order. */
import assert from 'node:assert/strict'
import { StreamBuffer } from '../../../kernel/wire/stream-buffer.js'

function recorded(): { buffer: StreamBuffer; sent: [number, string, string][] } {
  const sent: [number, string, string][] = []
  return { buffer: new StreamBuffer((...message) => sent.push(message)), sent }
}

describe('the stream buffer', () => {
  it('joins writes to one stream', () => {
    const { buffer, sent } = recorded()
    for (const text of ['a', 'b', 'c']) buffer.add(1, 'stdout', text)
    buffer.flush()
    assert.deepEqual(sent, [[1, 'stdout', 'abc']])
  })

  it('keeps the order of streams and cells', () => {
    const { buffer, sent } = recorded()
    buffer.add(1, 'stdout', 'a')
    buffer.add(1, 'stderr', 'b')
    buffer.add(2, 'stderr', 'c')
    buffer.add(1, 'stdout', 'd')
    buffer.flush()
    assert.deepEqual(sent, [
      [1, 'stdout', 'a'],
      [1, 'stderr', 'b'],
      [2, 'stderr', 'c'],
      [1, 'stdout', 'd'],
    ])
  })

  it('sends few messages even when streams alternate a thousand times, and loses nothing', () => {
    const { buffer, sent } = recorded()
    for (let i = 0; i < 1000; i++) buffer.add(1, i % 2 ? 'stderr' : 'stdout', `${i}\n`)
    buffer.flush()
    assert.ok(sent.length <= 33, `${sent.length} messages`)
    assert.equal(sent.flatMap(([, , text]) => text.trim().split('\n')).length, 1000)
  })

  it('sends by itself: large text at once, small text soon', async () => {
    const { buffer, sent } = recorded()
    buffer.add(1, 'stdout', 'x'.repeat(70_000))
    assert.equal(sent.length, 1)
    buffer.add(1, 'stdout', 'y')
    while (sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(sent[1], [1, 'stdout', 'y'])
  })
})
