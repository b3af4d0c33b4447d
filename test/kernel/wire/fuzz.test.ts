/** Ten thousand messages that no front end would send: every one is dropped and counted, and the kernel answers the next. */
import assert from 'node:assert/strict'
import type { ClientChannel } from '../../../kernel/wire/client-sockets.js'
import { encode, makeHeader } from '../../../kernel/wire/messages.js'
import { Signer } from '../../../kernel/wire/signing.js'
import { patience, useKernel, valueOf } from '../../support/kernel.js'

const messages = 10_000

/** Park and Miller's generator: the same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below
}

describe('bad messages', function () {
  this.timeout(patience)
  const kernel = useKernel()

  const droppedSoFar = async (): Promise<number> => {
    const { reply } = await kernel().request('shell', 'kernel_info_request')
    return Number(reply.metadata['dropped_messages'])
  }

  it(`are dropped and counted, all ${messages}`, async () => {
    const { connection, session } = kernel()
    const signer = new Signer(connection.key)
    const stranger = new Signer('another key')
    const random = randomNumbers(20_261_128)
    const bytes = (): Buffer => Buffer.from(Array.from({ length: random(60) }, () => random(256)))
    const types = ['execute_request', 'shutdown_request', 'interrupt_request', 'input_reply', 'comm_open', '__proto__']
    const valid = (by: Signer): Buffer[] => {
      const header = makeHeader(types[random(types.length)], session)
      const content = { code: 'globalThis.forged = true', restart: false, comm_id: 'x', value: 'y' }
      return encode({ identities: [], header, parentHeader: {}, metadata: {}, content, buffers: [] }, by)
    }
    const signed = (parts: (string | Buffer)[]): Buffer[] => [
      Buffer.from('<IDS|MSG>'),
      Buffer.from(signer.sign(parts)),
      ...parts.map((part) => Buffer.from(part)),
    ]
    const replayed = encode(
      {
        identities: [],
        header: makeHeader('is_complete_request', session),
        parentHeader: {},
        metadata: {},
        content: { code: '' },
        buffers: [],
      },
      signer,
    )
    const header = JSON.stringify(makeHeader('execute_request', session))
    /** Ways in which a message can be wrong. */
    const kinds: (() => (Buffer | string)[])[] = [
      () => Array.from({ length: 1 + random(8) }, bytes),
      () => valid(stranger),
      () => valid(signer).map((frame, i) => (i === 1 ? Buffer.from('0'.repeat(random(80))) : frame)),
      () => valid(signer).with(5, Buffer.from('{"code": "globalThis.forged = true"}')),
      () => valid(signer).slice(0, 1 + random(5)),
      () => signed([header, '{}', '{}', `{"code": "${'['.repeat(random(40))}`]),
      () => signed([header, '[]', '7', 'null']),
      () =>
        signed([
          header.replace(/"msg_type":"[a-z_]+"/, `"msg_type":${random(2) ? 'null' : '{"a":1}'}`),
          '{}',
          '{}',
          '{}',
        ]),
      () => signed([bytes(), bytes(), bytes(), bytes()]),
      () => signed(['{"__proto__":{"msg_id":"a","msg_type":"execute_request","session":"s"}}', '{}', '{}', '{}']),
      () => replayed,
    ]
    const channels: ClientChannel[] = ['shell', 'control', 'stdin']
    const before = await droppedSoFar()
    await kernel().sendRaw('shell', replayed)
    for (let i = 0; i < messages; i++) await kernel().sendRaw(channels[random(3)], kinds[i % kinds.length]())
    // Each channel is a queue of its own: an answer on all three says that nothing is under way any more.
    await kernel().request('control', 'kernel_info_request')
    let dropped = 0
    for (let looks = 0; looks < 200 && dropped < messages; looks++) dropped = (await droppedSoFar()) - before
    assert.equal(dropped, messages)
    assert.equal(await valueOf(kernel(), 'typeof globalThis.forged'), `'undefined'`)
  })

  it('fill no log', () => {
    assert.ok(kernel().stderr.split('\n').length < 50)
  })
})
