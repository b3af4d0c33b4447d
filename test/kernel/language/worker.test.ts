/** The real language worker in a thread, asked through its client: types across cells, diagnostics, completion, inspection. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as equal } from 'node:assert'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { connectLanguage } from '../../../kernel/language/client.js'
import type { Diagnostic, Language, LanguageConnection, LanguageWorkerData } from '../../../kernel/language/protocol.js'

const PRELUDE = `
import type { Shape } from './shape.js'
export type { Shape }
/** A box of numbers. */
export declare class Tensor<S extends Shape = Shape> {
  constructor(data: number[])
  readonly shape: S
  /** Matrix product. */
  matmul(other: Tensor): Tensor
}
/**
 * A tensor of zeros.
 *
 * @param size the length of each dimension
 * @returns a new tensor
 * @example
 * zeros(2, 3)
 */
export declare function zeros<S extends number[]>(...size: S): Tensor<S>
export * as nn from './nn.js'
`
const NN = `
/** A layer. */
export declare class Linear { constructor(inFeatures: number, outFeatures: number); forward(x: number): string }
`

describe('language worker', function () {
  this.timeout(30_000)
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gradbook-language-')))
  const cwd = path.join(folder, 'work')
  const workers: Worker[] = []

  before(() => {
    mkdirSync(cwd)
    writeFileSync(path.join(folder, 'prelude.d.ts'), PRELUDE)
    writeFileSync(path.join(folder, 'nn.d.ts'), NN)
    writeFileSync(path.join(folder, 'shape.d.ts'), 'export type Shape = readonly number[]\n')
  })
  after(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()))
    rmSync(folder, { recursive: true })
  })

  function start(): { language: Language; worker: Worker } {
    const data: LanguageWorkerData = {
      cwd,
      preludePath: path.join(folder, 'prelude.d.ts'),
      sampleCell: 'zeros(2).matmul(zeros(2))',
      globalNames: Object.getOwnPropertyNames(globalThis),
    }
    const worker = new Worker(new URL('../../../kernel/language/worker.js', import.meta.url), { workerData: data })
    workers.push(worker)
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ port: port2, preloaded: ['Tensor', 'zeros', 'nn'] } satisfies LanguageConnection, [port2])
    port1.unref()
    return { language: connectLanguage(port1), worker }
  }

  // One worker serves the tests in turn, as one session; names differ from test to test.
  let language: Language
  before(async () => {
    language = start().language
    await language.inspect('0', 0) // waits for the checker
  })
  const diagnose = async (code: string): Promise<Diagnostic[]> => (await language.convert(code, 'cell.ts')).diagnostics
  const messages = async (code: string) => (await diagnose(code)).map(({ message }) => message)

  describe('convert', () => {
    it('types reach later cells', async () => {
      same(await diagnose('interface Point { x: number }\nconst p1: Point = { x: 1 }, list = [1, 2]'), [])
      same(await diagnose('const p2: Point = p1; const n1: number = list[0] ?? p2.x'), [])
      match((await messages('p1.y'))[0], /Property 'y' does not exist on type 'Point'/)
    })
    it('a type error is a warning with its place; the cell runs and its names live on', async () => {
      const cell = await language.convert('const good = 1\nconst bad: string = good', 'cell.ts')
      same(cell.diagnostics, [
        {
          severity: 'error',
          code: 2322,
          message: "Type 'number' is not assignable to type 'string'.",
          line: 1,
          column: 6,
          length: 3,
        },
      ])
      ok(cell.js.includes('$.bad'))
      same(cell.declared, ['good', 'bad'])
      same(await diagnose('bad.length + good'), [])
    })
    it('an error with reasons is one message', async () => {
      const [error, ...more] = await diagnose('const deep: { a: { b: string } } = { a: { b: 1 } as { b: number } }')
      same(more, [])
      match(error.message, /not assignable[^]*\n[^]*Type 'number' is not assignable to type 'string'/)
    })
    it('what was said about a name is said about the one that is declared anew', async () => {
      same(
        await diagnose('class Thing1 { a = 1 }\nfunction make1() { return new Thing1() }\nconst apart1 = "stays"'),
        [],
      )
      same(await diagnose('const made1 = make1()'), [])
      same(await diagnose('class Thing1 { b = "b" }'), [])
      same(await diagnose('make1().b.trim(); made1.b.trim(); apart1.trim()'), [])
      match((await messages('make1().a')).join(), /Property 'a' does not exist on type 'Thing1'/)
    })
    it('a value in the place of a class leaves what does not need the class', async () => {
      same(await diagnose('class Gone2 { a = 1 }\nconst kept2 = [1]\nconst gone2 = new Gone2()'), [])
      same(await diagnose('const Gone2 = "now a string"'), [])
      same(await diagnose('Gone2.trim(); kept2.map((x) => x.toFixed())'), [])
    })
    it('a type may be declared after what mentions it', async () => {
      match((await messages('function later3(): Later3 { return { a: 1 } }')).join(), /Cannot find name 'Later3'/)
      same(await diagnose('interface Later3 { a: 1 }'), [])
      match((await messages('later3().b')).join(), /Property 'b' does not exist on type 'Later3'/)
    })
    it('many cells, some run again', async () => {
      same(await diagnose('class Base4 { base = 1 }'), [])
      for (let i = 0; i < 90; i++)
        same(await diagnose(`const v4_${i % 60} = { n: ${i} as const, base: new Base4() }`), [])
      same(await diagnose('class Base4 { base = "new" }\nconst n4: 60 = v4_0.n'), [])
      same(await diagnose('const m4: 59 = v4_59.n; v4_7.base.base.trim()'), [])
    })
    it('types are kept when a checker that has seen much is replaced', async () => {
      same(await diagnose('class Kept7 { seven = 7 as const }\nimport os7 from "node:os"'), [])
      for (let i = 0; i < 4; i++)
        same(await diagnose(`/* ${'long '.repeat(40_000)} */ const big7_${i} = new Kept7()`), [])
      same(await diagnose('const seven: 7 = big7_0.seven; os7.cpus()'), [])
    })
    it('the same error is told each time, and what @ts-expect-error expects is not', async () => {
      match((await messages('const bad5: string = 1')).join(), /not assignable/)
      match((await messages('const bad5: string = 1')).join(), /not assignable/)
      same(await diagnose('// @ts-expect-error\nconst bad5: string = 1'), [])
      match((await messages('// @ts-expect-error\nconst good5 = 1')).join(), /Unused '@ts-expect-error'/)
    })
    it('global declarations reach all later cells', async () => {
      same(await diagnose('declare global { interface Array<T> { total6: T } }\nvar here6 = [1].total6'), [])
      same(await diagnose('[here6].total6.toFixed()'), [])
      same(await diagnose('import zlib6 from "node:zlib"; zlib6.gzipSync; [here6].total6.toFixed()'), [])
    })
    it('names that cannot be exported still get declared', async () => {
      same(await diagnose('const Mixed = class { private secret = 1; open = 2 }'), [])
      same(await messages('new Mixed().open.toFixed()'), [])
    })
    it('a syntax error changes nothing', async () => {
      const { js, diagnostics } = await language.convert('const kept = 1\nconst = 2', 'cell.ts')
      equal(js, '')
      const [first] = diagnostics
      same([first?.severity, first?.line, first?.column], ['syntax', 1, 6])
      equal((await language.convert('let twice = 1; let twice = 2', 'cell.ts')).js, '')
      match((await messages('kept')).join(), /Cannot find name 'kept'/)
      match((await messages('twice')).join(), /Cannot find name 'twice'/)
    })
    it('preloaded names are typed, as values and as types, and can be declared anew', async () => {
      same(await diagnose('const f1 = (x: Tensor) => x.matmul(zeros(2, 3)); const s1: Shape = f1(zeros(1)).shape'), [])
      same(
        await diagnose(
          'const two: readonly [2, 3] = zeros(2, 3).shape; const o1: string = new nn.Linear(1, 2).forward(3)',
        ),
        [],
      )
      match((await messages('nn.Linea')).join(), /Did you mean 'Linear'/)
      same(await diagnose('const zeros = "mine"'), [])
      same(await diagnose('zeros.toUpperCase()'), [])
    })
    it('modern TypeScript: top-level await, using, const type parameters, decorators, exports', async () => {
      const cell =
        'for await (const x of [1]) {}\nusing r = { [Symbol.dispose]() {} }\nfunction tup<const T>(x: T): T { return x }\n' +
        'const dec = (_: unknown, __: ClassDecoratorContext) => {}\n@dec export class D {}\nexport const e1 = tup([1])\nexport default class {}\nexport { e1 as e2 }'
      same(await diagnose(cell), [])
      same(await diagnose('const e3: readonly [1] = e1'), [])
    })
    it('node and its types are known in a folder without packages', async () => {
      same(
        await diagnose(
          'import fs, { type Stats } from "node:fs"; const st: Stats = fs.statSync("."); console.log(process.pid, Buffer.from(""))',
        ),
        [],
      )
      match((await messages('describe("mocha is not")')).join(), /Cannot find name 'describe'/)
    })
    it('local modules are typed, watched, and their types are not run', async () => {
      match((await messages('import { made } from "./made.ts"')).join(), /Cannot find module/)
      writeFileSync(path.join(cwd, 'made.ts'), 'export interface Made { a: 1 }\nexport const made: Made = { a: 1 }\n')
      const { js, diagnostics } = await language.convert(
        'import { made, Made } from "./made.ts"; const m1: Made = made',
        'cell.ts',
      )
      same(diagnostics, [])
      ok(js.includes('.made') && !js.includes('.Made'))
    })
    it('modules of Node that are rarely used', async () => {
      same(await diagnose('import { connect } from "http2"; import test8 from "node:test"'), [])
      same(await diagnose('const close8 = () => connect("https://localhost").close(); import("inspector")'), [])
      match((await messages('test8.nothing')).join(), /Property 'nothing' does not exist/)
    })
    it('an edited module is read anew', async () => {
      const file = path.join(cwd, 'edited.ts')
      writeFileSync(file, 'export const edited = 1\n')
      same(await diagnose('import { edited } from "./edited.ts"; edited.toFixed()'), [])
      writeFileSync(file, 'export const edited = "now a string"\n')
      same(await diagnose('edited.trim()'), [])
    })
    it('the package itself resolves from any folder', async () => {
      same(
        (await messages('import "gradbook"')).filter((message) => message.includes('Cannot find module')),
        [],
      )
    })
    it('errors lead back through a source map', async () => {
      const { map } = await language.convert('let mapped = 1', 'cell 3.ts')
      same((JSON.parse(map) as { sources: string[] }).sources, ['cell 3.ts'])
    })
  })

  describe('complete', () => {
    const complete = (code: string, cursor = code.length) => language.complete(code, cursor)

    it('members, with kind and signature', async () => {
      await language.convert('const box = new Tensor([1])', 'cell.ts')
      const { matches, start, end, types } = await complete('box.')
      same(matches, ['matmul', 'shape'])
      same([start, end], [4, 4])
      same(types[0], { text: 'matmul', type: 'method', signature: '(other: Tensor<Shape>): Tensor<Shape>' })
      equal(types[1]?.type, 'property')
    })
    it('names by prefix: preloaded, of earlier cells, of this cell, keywords', async () => {
      await language.convert('const tempo = 1', 'cell.ts')
      same(
        (await complete('function tempFn() {}\ntemp')).types.map(({ text, type }) => [text, type]),
        [
          ['tempFn', 'function'],
          ['tempo', 'variable'],
        ],
      )
      same((await complete('Tens')).types.map(({ text, type }) => [text, type]).slice(0, 1), [['Tensor', 'class']])
      ok((await complete('nn')).types.some(({ text, type }) => text === 'nn' && type === 'module'))
      ok((await complete('retu')).types.some(({ text, type }) => text === 'return' && type === 'keyword'))
    })
    it('in the middle of unfinished code', async () => {
      const code = 'if (tempo > 1) { foo(box.sh + '
      same(await complete(code, code.indexOf('.sh') + 3).then(({ matches, start, end }) => [matches, start, end]), [
        ['shape'],
        25,
        27,
      ])
      same((await complete('nn.Lin(', 6)).matches, ['Linear'])
      same((await complete('new nn.Lin(', 10)).matches, ['Linear'])
      same((await complete('`${box.sh', 9)).matches, ['shape'])
    })
    it('import paths', async () => {
      const code = 'import x from "node:fs/p'
      same(await complete(code), {
        matches: ['promises'],
        start: code.length - 1,
        end: code.length,
        types: [{ text: 'promises', type: 'module' }],
      })
      writeFileSync(path.join(cwd, 'helper.ts'), 'export const h = 1\n')
      same((await complete('import { h } from "./hel')).matches, ['helper'])
    })
    it('answers on anything', async () => {
      for (const code of ['', '.', '"', '`${', '/*', '@', 'class {', '}}}', '\u0000', 'import {'])
        ok(Array.isArray((await complete(code)).matches), code)
    })
  })

  describe('inspect', () => {
    it('shows signature and documentation as Markdown', async () => {
      const fresh = start().language
      const found = await fresh.inspect('zeros(2, 3)', 3)
      equal(found?.signature, 'function zeros<[2, 3]>(size_0: 2, size_1: 3): Tensor<[2, 3]>')
      match(
        found.documentation,
        /^A tensor of zeros\.\n\n\*@param\* `size` — the length of each dimension\n\n\*@returns\* a new tensor\n\n\*Example\*\n```ts\nzeros\(2, 3\)\n```$/,
      )
      equal((await fresh.inspect('zeros', 5))?.signature, 'function zeros<S extends number[]>(...size: S): Tensor<S>')
    })
    it('shows the function whose arguments are being typed', async () => {
      const code = 'box.matmul(box, '
      same(await language.inspect(code, code.length), {
        signature: '(method) Tensor<Shape>.matmul(other: Tensor): Tensor',
        documentation: 'Matrix product.',
      })
      equal((await language.inspect('new nn.Linear(', 14))?.documentation, 'A layer.')
    })
    it('shows variables, types and members of earlier cells', async () => {
      await language.convert('/** How far. */ const far = 12; type Way = "up" | "down"', 'cell.ts')
      same(await language.inspect('far + 1', 1), { signature: 'const far: 12', documentation: 'How far.' })
      equal((await language.inspect('let w: Way', 8))?.signature, 'type Way = "up" | "down"')
      equal((await language.inspect('box.shape', 6))?.signature, '(property) Tensor<Shape>.shape: Shape')
    })
    it('reads comments in files that do not change', async () => {
      match((await language.inspect('[1].map', 6))?.documentation ?? '', /Calls a defined callback function/)
      match((await language.inspect('process.cwd', 9))?.documentation ?? '', /current working directory/)
      equal((await language.inspect('import * as space from "node:os"; space', 39))?.signature, 'module "node:os"')
    })
    it('adds the source when asked for more: the cell as it was typed, or the declaration in a file', async () => {
      await language.convert('const twice = (n: number) => {\n  return 2 * n // doubled\n}', 'Cell [7]')
      same((await language.inspect('twice(1)', 2, 1))?.source, {
        place: 'Cell [7]',
        text: 'const twice = (n: number) => {\n  return 2 * n // doubled\n}',
      })
      equal((await language.inspect('twice(1)', 2))?.source, undefined)
      const { place, text } = (await language.inspect('nn.Linear', 6, 1))!.source!
      match(place, /nn\.d\.ts:3$/)
      match(text, /^export declare class Linear \{.*forward\(x: number\): string \}$/)
    })
    it('is null where nothing is known', async () => {
      for (const [code, cursor] of [
        ['', 0],
        ['unknownName', 3],
        ['   ', 1],
        ['"text"', 2],
        ['1 + ', 4],
        ['a', 99],
        ['a', -1],
      ] as const)
        equal(await language.inspect(code, cursor), null, code)
    })
  })

  describe('a first cell, before there is a checker', () => {
    it('is made ready at once; its type errors follow, and its names are known', async () => {
      const { language: fresh } = start()
      const cell = await fresh.convert('const early: string = zeros(2).shape', 'first')
      equal(cell.unchecked, true)
      ok(cell.js.includes('$.early'))
      same(cell.diagnostics, [])
      const late = await fresh.lateDiagnostics('first')
      match(late[0].message, /not assignable to type 'string'/)
      same(await fresh.lateDiagnostics('first'), [])
      const next = await fresh.convert('early.toUpperCase()', 'second')
      same([next.unchecked, next.diagnostics], [false, []])
    })
    it('waits for the checker where only types tell what it means, or where it must be free of errors', async () => {
      const imported = await start().language.convert('import { Stats } from "node:fs"; zeros("2")', 'first')
      same([imported.unchecked, imported.diagnostics.length], [false, 1])
      const strict = await start().language.convert('zeros("2")', 'first', { types: 'strict' })
      same([strict.js, strict.diagnostics.length], ['', 1])
    })
  })

  it('bad requests are refused and the worker lives on', async () => {
    await rejects(language.convert(undefined as unknown as string, 'cell.ts'))
    await rejects(language.complete(null as unknown as string, 3))
    same(await language.isComplete('1'), { status: 'complete' })
  })

  it('a stopped worker rejects what waits', async () => {
    const { language: dying, worker } = start()
    const waiting = dying.convert('1', 'cell.ts')
    const refused = rejects(waiting, /language worker has stopped/)
    await worker.terminate()
    await refused
  })
})
