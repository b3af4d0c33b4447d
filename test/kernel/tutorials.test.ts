/**
 * Notebooks in the manner of those written for tslab and for courses on Node.js: their cells must run unchanged, one after
 * the other, with what they print where their authors saw it.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ofType, patience, plainText, resultText, streamText, tracebackText, useKernel } from '../support/kernel.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gradbook-tutorials-')))
writeFileSync(join(folder, 'notes.txt'), 'one\ntwo\nthree')

interface Expected {
  out?: RegExp | string
  result?: RegExp | string
  error?: RegExp
  shown?: Record<string, unknown>[]
}

const tslab: [string, Expected][] = [
  [
    `import * as tslab from "tslab";\ntslab.display.html('<h1 style="color:red">Hello</h1>');\ntslab.display.markdown('# Title');`,
    {
      shown: [
        { 'text/html': '<h1 style="color:red">Hello</h1>', 'text/plain': '' },
        { 'text/markdown': '# Title', 'text/plain': '' },
      ],
    },
  ],
  [
    `const board = tslab.newDisplay();\nfor (let i = 0; i < 2; i++) board.text(String(i));`,
    { shown: [{ 'text/plain': '0' }, { 'text/plain': '1' }] },
  ],
  [
    `import fs from 'fs';\ntslab.display.png(new Uint8Array([1, 2, 3]));\ntslab.display.raw('text/x-mine', 'mine')`,
    {
      shown: [
        { 'image/png': 'AQID', 'text/plain': '' },
        { 'text/x-mine': 'mine', 'text/plain': '' },
      ],
    },
  ],
  [
    `let sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));\nawait sleep(5);\n'slept'`,
    { result: `'slept'` },
  ],
  [
    `function fib(n: number): number {\n  return n < 2 ? n : fib(n - 1) + fib(n - 2)\n}\nlet memo = [...Array(8).keys()].map(fib)\nmemo`,
    { result: /^\[\s+0,[\s\d,]+8, 13\s+\]$/ },
  ],
  [
    `enum Direction { Up = 1, Down }\nlet shape = { kind: 'circle', r: 2 } as { kind: 'circle'; r: number } | { kind: 'square'; s: number };\nshape.kind === 'circle' ? shape.r * Direction.Down : 0`,
    { result: '4' },
  ],
]

const node: [string, Expected][] = [
  [
    `const fs = require('fs');\nconst path = require('path');\nfs.readFile(path.join(__dirname, 'notes.txt'), 'utf8', (err, data) => {\n  if (err) throw err;\n  console.log(data.split('\\n').length);\n});\nawait new Promise((resolve) => setTimeout(resolve, 100));`,
    { out: '3\n' },
  ],
  [
    `const http = require('http');\nconst server = http.createServer((req, res) => {\n  res.writeHead(200, { 'Content-Type': 'application/json' });\n  res.end(JSON.stringify({ url: req.url }));\n});\nawait new Promise((resolve) => server.listen(0, resolve));\nconst response = await fetch(\`http://localhost:\${server.address().port}/hello\`);\nserver.close();\nconsole.log(response.status, await response.json());`,
    { out: `200 { url: '/hello' }\n` },
  ],
  [
    `const EventEmitter = require('events');\nclass Door extends EventEmitter {\n  open() { this.emit('open', 'front'); }\n}\nconst door = new Door();\ndoor.on('open', (which) => console.log(which, 'door opened'));\ndoor.open();`,
    { out: 'front door opened\n' },
  ],
  [
    `const { Readable, Transform } = require('stream');\nconst { pipeline } = require('stream/promises');\nlet text = '';\nconst upper = new Transform({ transform(chunk, encoding, done) { done(null, chunk.toString().toUpperCase()); } });\nupper.on('data', (chunk) => (text += chunk));\nawait pipeline(Readable.from(['a', 'b', 'c']), upper);\ntext`,
    { result: `'ABC'` },
  ],
  [
    `const readline = require('readline');\nconst lines = readline.createInterface({ input: fs.createReadStream('notes.txt') });\nfor await (const line of lines) console.log('>', line);`,
    { out: '> one\n> two\n> three\n' },
  ],
  [
    `const { Worker } = require('worker_threads');\nconst worker = new Worker(\`const { parentPort, workerData } = require('worker_threads');\nparentPort.postMessage(workerData ** 2);\`, { eval: true, workerData: 12 });\nconst answer = await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });\nanswer`,
    { result: '144' },
  ],
  [
    `const { execSync, exec } = require('child_process');\nconst { promisify } = require('util');\nconsole.log(execSync('echo from the shell').toString().trim());\nconst { stdout } = await promisify(exec)('echo later');\nstdout`,
    { out: 'from the shell\n', result: `'later\\n'` },
  ],
  [
    `const crypto = require('crypto');\ncrypto.createHash('sha256').update('abc').digest('hex').slice(0, 16)`,
    { result: `'ba7816bf8f01cfea'` },
  ],
  [
    `async function* countdown(from) {\n  while (from > 0) {\n    await new Promise((resolve) => setTimeout(resolve, 1));\n    yield from--;\n  }\n}\nfor await (const n of countdown(3)) console.log(n);`,
    { out: '3\n2\n1\n' },
  ],
  [
    `console.log('1: sync');\nsetTimeout(() => console.log('5: timeout'), 0);\nsetImmediate(() => {});\nPromise.resolve().then(() => console.log('3: microtask'));\nprocess.nextTick(() => console.log('4: tick'));\nconsole.log('2: sync');\nawait new Promise((resolve) => setTimeout(resolve, 50));`,
    { out: /^1: sync\n2: sync\n[34].*\n[34].*\n5: timeout\n$/ },
  ],
  [
    `class Account {\n  #balance = 0;\n  static count = 0;\n  constructor(owner) { Account.count++; this.owner = owner; }\n  get balance() { return this.#balance; }\n  deposit(amount) { if (amount <= 0) throw new RangeError('Deposit must be positive'); this.#balance += amount; return this; }\n}\nconst account = new Account('Ada').deposit(50);\n[account.balance, Account.count, account]`,
    { result: `[ 50, 1, Account { owner: 'Ada' } ]` },
  ],
  [
    `account.deposit(-1)`,
    { error: /RangeError: Deposit must be positive\n +at Account.deposit \(Cell \[\d+\], line 6\)/ },
  ],
  [
    `const { setTimeout: delay } = require('timers/promises');\nconst task = async (name, ms) => { await delay(ms); return name; };\nconst settled = await Promise.allSettled([task('a', 2), task('b', 1), Promise.reject(new Error('c'))]);\nsettled.map((s) => s.status).join()`,
    { result: `'fulfilled,fulfilled,rejected'` },
  ],
  [
    `module.exports = { add: (a, b) => a + b };\nif (require.main === module) console.log(module.exports.add(1, 2), __filename.endsWith('.ipynb'));`,
    { out: '3 true\n' },
  ],
  [
    `const fsp = require('fs/promises');\nawait fsp.writeFile('out.json', JSON.stringify({ a: [1, 2] }));\nconst { a } = JSON.parse(await fsp.readFile('out.json', 'utf8'));\nawait fsp.rm('out.json');\na`,
    { result: '[ 1, 2 ]' },
  ],
]

describe('cells that others wrote', function () {
  this.timeout(patience)
  const kernel = useKernel({ cwd: folder })
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [kind, cells] of Object.entries({ 'for tslab': tslab, 'for courses on Node.js': node }))
    describe(kind, () => {
      for (const [code, { out = '', result, error, shown }] of cells)
        it(code.split('\n')[0].slice(0, 70), async () => {
          const executed = await kernel().execute(code)
          const text = streamText(executed)
          assert.equal(tracebackText(executed) !== '', error !== undefined, tracebackText(executed))
          if (error) assert.match(tracebackText(executed), error)
          if (typeof out === 'string') assert.equal(text, out)
          else assert.match(text, out)
          const value = plainText(String(resultText(executed)))
          if (result instanceof RegExp) assert.match(value, result)
          else assert.equal(value, String(result))
          assert.equal(streamText(executed, 'stderr'), '')
          if (shown) assert.deepEqual(pictures(executed), shown)
        })
    })
})

function pictures(executed: Parameters<typeof ofType>[0]): unknown[] {
  const messages = [...ofType(executed, 'display_data'), ...ofType(executed, 'update_display_data')]
  return messages.map(({ content }) => content['data'])
}
