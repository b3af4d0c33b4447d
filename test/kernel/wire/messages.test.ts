/** Frames, signatures and cursor positions, without sockets. */
import assert from 'node:assert/strict'
import { checkConnection } from '../../../kernel/wire/connection.js'
import { toCodePoints, toUtf16 } from '../../../kernel/wire/code-points.js'
import { decode, encode, makeHeader, MessageError, type Message } from '../../../kernel/wire/messages.js'
import { cursorContent, executeContent, RequestError } from '../../../kernel/wire/requests.js'
import { Signer } from '../../../kernel/wire/signing.js'

const signer = new Signer('a key')

const message = (content: Record<string, unknown> = { code: 'x' }): Message => ({
  identities: [Buffer.from('front end')],
  header: makeHeader('execute_request', 'session'),
  parentHeader: {},
  metadata: { some: 'metadata' },
  content,
  buffers: [Buffer.from([1, 2, 3])],
})

describe('messages', () => {
  it('survive a trip over the wire', () => {
    const sent = message()
    assert.deepEqual(decode(encode(sent, signer), signer), sent)
  })

  it('are refused with a wrong signature, whatever part was changed', () => {
    const frames = encode(message(), signer)
    for (const part of [2, 3, 4, 5, 6]) {
      const forged = frames.map((frame, i) => (i === part ? Buffer.from('{"msg_id":"1"}') : frame))
      assert.throws(() => decode(forged, signer), new MessageError('wrong signature'))
    }
    assert.throws(() => decode(frames, new Signer('another key')), MessageError)
  })

  it('are not signed with an empty key', () => {
    const open = new Signer('')
    const frames = encode(message(), open)
    assert.equal(frames[2].length, 0)
    assert.equal(decode(frames, open).content['code'], 'x')
  })

  it('are refused when malformed, with the reason', () => {
    const sign = (parts: string[]) => [
      Buffer.from('<IDS|MSG>'),
      Buffer.from(signer.sign(parts)),
      ...parts.map((part) => Buffer.from(part)),
    ]
    assert.throws(() => decode([], signer), /no <IDS\|MSG> delimiter in 0 frame/)
    assert.throws(() => decode([Buffer.from('<IDS|MSG>')], signer), /0 frame\(s\) after the delimiter/)
    assert.throws(() => decode(sign(['{}', '{}', '{}']), signer), /expected at least 5/)
    assert.throws(() => decode(sign(['{', '{}', '{}', '{}']), signer), /header is not JSON/)
    assert.throws(() => decode(sign(['[]', '{}', '{}', '{}']), signer), /header is not a JSON object/)
    assert.throws(() => decode(sign(['{"msg_id": 1}', '{}', '{}', '{}']), signer), /header.msg_id is 1/)
  })

  it('carry no half characters, which a Python server could not encode', () => {
    const { content } = decode(encode(message({ text: 'a\ud83d', whole: '😀', deep: ['\udc00'] }), signer), signer)
    assert.deepEqual(content, { text: 'a\ufffd', whole: '😀', deep: ['\ufffd'] })
  })
})

describe('signatures', () => {
  it('are the HMAC-SHA256 that any other implementation computes', () => {
    // printf abcd | openssl dgst -sha256 -hmac key
    const expected = '2a31ec0ee8d878c9eece9fb0df79b3b90b2256240163aa5ee50d176d3d1121f8'
    assert.equal(new Signer('key').sign(['a', 'b', 'c', 'd']), expected)
  })

  it('fail early for an unknown hash', () => {
    assert.throws(() => new Signer('key', 'hmac-nonsense'))
  })
})

describe('cursor positions', () => {
  const text = 'a😀b中𝒳'
  it('count code points on the wire and UTF-16 units inside', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((at) => toUtf16(text, at)),
      [0, 1, 3, 4, 5, 7],
    )
    assert.deepEqual(
      [0, 1, 3, 4, 5, 7].map((at) => toCodePoints(text, at)),
      [0, 1, 2, 3, 4, 5],
    )
  })

  it('stay inside the text', () => {
    assert.equal(toUtf16(text, 99), text.length)
    assert.equal(toUtf16(text, Infinity), text.length)
    assert.equal(toCodePoints(text, 99), 5)
  })
})

describe('request contents', () => {
  it('get the defaults of the specification', () => {
    assert.deepEqual(executeContent({ code: '1' }), {
      code: '1',
      silent: false,
      storeHistory: true,
      userExpressions: {},
      stopOnError: true,
      allowStdin: false,
    })
    assert.equal(executeContent({ code: '1', silent: true, store_history: true }).storeHistory, false)
  })

  it('are refused by naming the field and its value', () => {
    assert.throws(() => executeContent({}), new RequestError('code is undefined, expected a string'))
    assert.throws(() => executeContent({ code: '', silent: 'yes' }), /silent is "yes", expected true or false/)
    assert.throws(() => executeContent({ code: '', user_expressions: { a: 1 } }), /user_expressions/)
    assert.throws(() => cursorContent({ code: 'x', cursor_pos: 'end' }), /cursor_pos is "end"/)
  })
})

describe('connection data', () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 }
  it('is checked before anything is bound', () => {
    assert.equal(checkConnection({ ...ports, ip: '127.0.0.1', key: 'k' }, 'file').transport, 'tcp')
    assert.throws(() => checkConnection({ ...ports, ip: '127.0.0.1', hb_port: 0 }, 'file'), /file: hb_port is 0/)
    assert.throws(() => checkConnection({ ...ports, ip: '' }, 'file'), /ip is ""/)
    assert.throws(() => checkConnection({ ...ports, ip: 'x', transport: 'udp' }, 'file'), /transport is "udp"/)
    assert.throws(() => checkConnection(null, 'file'), /file does not hold a JSON object/)
  })
})
