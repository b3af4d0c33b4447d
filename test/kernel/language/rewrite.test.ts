/** What a cell means, tried by running it: bindings across cells, JavaScript's scoping rules, imports, loops, source maps. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as equal } from 'node:assert'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { FakeKernel } from './fake-kernel.js'

/** Runs the cells in order in one session and gives the result of the last. */
async function run(...cells: string[]): Promise<unknown> {
  const kernel = new FakeKernel()
  let result: unknown
  for (const cell of cells) result = await kernel.run(cell)
  return result
}

describe('bindings across cells', () => {
  it('closures see what later cells assign', async () => {
    equal(await run('let cnt = 0; const inc = () => { cnt++ }', 'cnt = 10; inc(); cnt'), 11)
    equal(await run('let cnt = 0; const inc = () => { cnt++ }; inc()', 'let cnt = 5; inc(); cnt'), 6)
  })
  it('every kind of declaration can be repeated', async () => {
    equal(await run('const a = 1', 'let a = 2', 'function a() { return 3 }', 'class a { static v = 4 }; a.v'), 4)
    equal(await run('enum a { X = 5 }', 'enum a { Y = 6 }; "X" in a'), false)
    same(await run('namespace n { export const p = 1 }', 'namespace n { export const q = 2 }; n'), { q: 2 })
  })
  it('what ran before a throw stays', async () => {
    const kernel = new FakeKernel()
    await rejects(kernel.run('const a = 1; let b = 2; throw new Error("x"); b = 3'), /^Error: x$/)
    same(await kernel.run('[a, b]'), [1, 2])
  })
  it('let without a value resets, var keeps', async () => {
    same(await run('var v = 1; let l = 1', 'var v; let l; [v, l]'), [1, undefined])
  })
  it('preloaded names are read through the scope and can be declared anew', async () => {
    const kernel = new FakeKernel({ zeros: (n: number) => new Array<number>(n).fill(0) })
    same(await kernel.run('zeros(2)'), [0, 0])
    await rejects(kernel.run('zeros = 3'), TypeError)
    equal(await kernel.run('const zeros = 3; zeros'), 3)
  })
  it('user names hide globals, in this and later cells', async () => {
    equal(await run('const process = 1, Map = 2', 'process + Map'), 3)
    equal(typeof globalThis.process, 'object')
  })
  it('names that the rewriting itself uses belong to the user', async () => {
    equal(
      await run('const $ = 1, $rt = 2, $turns = 3', 'for (let i = 0; i < 2; i++) $++, $turns', '$').catch(String),
      "TypeError: Assignment to constant variable '$'.",
    )
    equal(await run('let $ = 1, $rt = 2, $turns = 3', 'for (const i of [1, 2]) $ += i; $ + $rt + $turns'), 9)
  })
})

describe('declarations', () => {
  it('destructuring, with defaults and rest', async () => {
    same(
      await run(
        'const { a, b: [c, d = 4], ...rest } = { a: 1, b: [3], x: 9 }, [e, ...f] = [5, 6, 7]',
        '[a, c, d, rest, e, f]',
      ),
      [1, 3, 4, { x: 9 }, 5, [6, 7]],
    )
    same(await run('let a = 1, b = 2', '[a, b] = [b, a]; ({ a, x: b = 7 } = { a: 5 } as any); [a, b]'), [5, 7])
  })
  it('var escapes blocks and loop heads, let does not', async () => {
    same(await run('for (var i = 0; i < 3; i++) { var j = i }', '[i, j]'), [3, 2])
    same(await run('for (var { k } of [{ k: 1 }, { k: 2 }]); for (var p in { q: 1 });', '[k, p]'), [2, 'q'])
    equal(await run('for (let i = 0; i < 3; i++);', 'typeof i'), 'undefined')
    equal(await run('if (true) var late = 4; else var other; late'), 4)
  })
  it('functions are hoisted, with their kind', async () => {
    equal(await run('const r = f(); function f() { return 7 }; r'), 7)
    same(await run('async function a() { return 1 } function* g() { yield 2 }', '[await a(), ...g()]'), [1, 2])
  })
  it('classes: parameter properties, static blocks, private names, inheritance from an earlier cell', async () => {
    same(
      await run(
        'class A { #p = 1; static s = 0; static { A.s = 2 } constructor(readonly x: number) {} get p() { return this.#p } }',
        'class B extends A { y = 5 }; const b = new B(3); [b.p, b.x, b.y, B.s, B.name]',
      ),
      [1, 3, 5, 2, 'B'],
    )
  })
  it('enums, generics, satisfies, abstract classes, decorators', async () => {
    same(await run('enum E { A, B = 5, C } const id = <T,>(x: T) => x satisfies unknown', '[E.C, E[0], id(3)]'), [
      6,
      'A',
      3,
    ])
    same(
      await run(
        'const seen: string[] = []; const log = (_: unknown, c: ClassMethodDecoratorContext) => void seen.push(String(c.name)); class A { @log m() {} }; seen',
      ),
      ['m'],
    )
  })
  it('using is disposed when the cell ends, and the last value still shown', async () => {
    const kernel = new FakeKernel()
    equal(
      await kernel.run('let open = 0; using file = { [Symbol.dispose]() { open-- } }; open++; const n = open; n'),
      1,
    )
    same(await kernel.run('[open, n]'), [0, 1])
  })
  it('functions and classes keep the name they were assigned to', async () => {
    same(
      await run(
        'const f = () => {}, C = class {}; let g; g = function () {}; const { h = () => {} } = {} as any; [f, C, g, h].map(x => x.name)',
      ),
      ['f', 'C', 'g', 'h'],
    )
  })
  it('export is ignored', async () => {
    equal(
      await run(
        'export const a = 1; export function f() { return a } export { a as b }; export default class K { v = 1 }',
        'a + f() + new K().v',
      ),
      3,
    )
    equal(await run('export default 1 + 1'), 2)
    equal(await run('(await 0, 1); export default async () => 3', '1'), 1)
  })
})

describe('references', () => {
  it('inner bindings hide outer ones', async () => {
    same(
      await run(
        'let x = 1, f = (x: number) => x; { let x = 5; x++ } try { throw 3 } catch (x) { } [x, f(4), ((y = x) => { var x = 8; return [x, y] })()]',
      ),
      [1, 4, [8, 1]],
    )
    equal(await run('let x = 1; const o = { x: 2, m() { return x + this.x }, ["k" + x]: x }; o.m() + (o as any).k1'), 4)
    equal(await run('let x = 3; x: for (;;) { break x } x'), 3)
  })
  it('shorthand properties', async () => same(await run('let x = 1, y = 2', 'const o = { x, y }; o'), { x: 1, y: 2 }))
  it('a call passes no this', async () => {
    same(
      await run(
        'function f(this: unknown) { return this } const t = function (this: unknown, _: any) { return this }',
        '[f(), t`a`, f?.()]',
      ),
      [undefined, undefined, undefined],
    )
  })
  it('typeof and unknown names', async () => {
    const kernel = new FakeKernel()
    equal(await kernel.run('typeof nothing'), 'undefined')
    await rejects(kernel.run('nothing'), /^ReferenceError: nothing is not defined$/)
    await rejects(kernel.run('nothing = 1'), ReferenceError)
    equal(await kernel.run('const later = () => laterName'), undefined)
    equal(await kernel.run('const laterName = 4; later()'), 4)
    equal(await kernel.run('const make = () => new Later()'), undefined)
    equal(await kernel.run('class Later { v = 5 }; make().v'), 5)
  })
  it('assignment to a const evaluates the right side, then throws', async () => {
    const kernel = new FakeKernel()
    await kernel.run('let n = 0; const c = 1, list = [1]')
    for (const cell of [
      'c = ++n',
      'c += ++n',
      '[c] = [++n]',
      '({ c } = { c: ++n })',
      'for (c of [++n]);',
      '(() => { c = ++n })()',
    ])
      await rejects(kernel.run(cell), /^TypeError: Assignment to constant variable 'c'/, cell)
    await rejects(kernel.run('c++'), TypeError)
    same(await kernel.run('c ??= ++n; list.push(2); [c, n, list.length]'), [1, 6, 2])
    equal(await kernel.run('let c = 1; c = 2; c'), 2)
  })
})

describe('results', () => {
  it('the last expression, with or without a semicolon', async () => {
    equal(await run('1 + 1;'), 2)
    equal(await run('"use strict"'), 'use strict')
    same(await run('({ a: 1 })'), { a: 1 })
    equal(await run('3; interface Later {} ; type T = 1;'), 3)
    equal(await run('await Promise.resolve(4)'), 4)
  })
  it('nothing else', async () => {
    for (const cell of ['', '// note', 'let a = 1', 'if (1) 2', 'enum E { A }', '1; let b = 2', 'for (;;) break'])
      equal(await run(cell), undefined, cell)
  })
})

describe('imports', () => {
  const modules = { m: { default: 1, b: 2, 'a-b': 3 }, n: { x: 4 } }
  it('default, named, renamed, namespace, side effect, in order and before everything else', async () => {
    const kernel = new FakeKernel({}, modules)
    same(
      await kernel.run(
        'const early = [d, c, s, ns]; import d, { b as c, "a-b" as s } from "m"; import * as ns from "n"; import "n"; early',
      ),
      [1, 2, 3, modules.n],
    )
    same(kernel.imported, ['m', 'n', 'n'])
    equal(await kernel.run('d + c'), 3)
    await rejects(kernel.run('d = 3'), TypeError)
  })
  it('types vanish', async () => {
    const kernel = new FakeKernel({}, modules, new Set(['T', 'U']))
    equal(
      await kernel.run(
        'import type { A } from "gone"; import { type B, b } from "m"; import { T, U } from "gone"; import { T as V } from "m"; b',
      ),
      2,
    )
    same(kernel.imported, ['m', 'm'])
  })
  it('dynamic import, import.meta, export from', async () => {
    const kernel = new FakeKernel({}, modules)
    equal(await kernel.run('(await import("m")).b + import.meta.url.length'), 2 + 'file:///cell'.length)
    await kernel.run('export * from "n"; export { b } from "m"')
    same(kernel.imported, ['m', 'n', 'm'])
  })
})

describe('loops', () => {
  it('each kind of loop can be stopped, also inside functions and generators', async () => {
    const loops = [
      'while (true);',
      'for (;;) n++',
      'do n++; while (true)',
      'for (const x of (function* () { for (;;) yield 1 })()) n += x',
      'for (const k in new Proxy({}, { ownKeys: () => [] })) n++; for (;;) {}',
      'for await (const x of (async function* () { while (true) yield 1 })()) n += x',
      'const spin = () => { outer: while (true) { for (;;) continue outer } }; spin()',
    ]
    for (const loop of loops) {
      const kernel = new FakeKernel()
      kernel.checksLeft = 100
      await rejects(kernel.run(`let n = 0; ${loop}`), /^Error: stopped$/, loop)
    }
  })
  it('looks at the stop button from time to time, through recursion too, and at every turn that awaits', async () => {
    const turns = async (code: string): Promise<unknown> => {
      const kernel = new FakeKernel()
      Object.assign(kernel, { checksLeft: 5, turnsBetweenLooks: 9 })
      await rejects(kernel.run(`let n = 0; ${code}`), /^Error: stopped$/, code)
      return kernel.run('n')
    }
    equal(await turns('for (;;) n++'), 50)
    equal(await turns('const down = () => { for (let i = 0; i < 2; i++) { n++; down() } }; down()'), 50)
    equal(await turns('for (;;) { n++; await null }'), 5)
    equal(await turns('for await (const x of [1, 2, 3, 4, 5, 6, 7]) n += x'), 15)
  })
  it('state survives a stop', async () => {
    const kernel = new FakeKernel()
    kernel.checksLeft = 5
    await rejects(kernel.run('let n = 0; while (true) n++'))
    kernel.checksLeft = Infinity
    equal(await kernel.run('n'), 5)
  })
  it('continue, break and labels still mean the same', async () => {
    same(
      await run(
        'const seen: number[] = []; a: for (const i of [1, 2, 3]) { for (const j of [1, 2]) { if (j === 2) continue a; if (i === 3) break a; seen.push(i * 10 + j) } } seen',
      ),
      [11, 21],
    )
    equal(await run('let n = 0; do if (n++ > 2) break; while (true); n'), 4)
    equal(await run('let n = 0; for (let i = 0; i < 5; i++) if (i % 2) continue; else n++; n'), 3)
    same(
      await run('const fs: (() => number)[] = []; for (let i = 0; i < 3; i++) fs.push(() => i); fs.map(f => f())'),
      [0, 1, 2],
    )
    equal(await run('let n = 0; for await (const x of [Promise.resolve(1), 2]) n += x; n'), 3)
  })
})

describe('source maps', () => {
  it('lead from each statement to its line and column in the cell', async () => {
    const kernel = new FakeKernel()
    await kernel.run(
      'interface Gone { a: number }\n\nconst first: number = 1\nfunction f() {\n  return first\n}\nenum E { A }\nfor (const x of [1]) first + x\n\nconst last = f() /* here */\n',
      'cell 7.ts',
    )
    const map = new TraceMap(kernel.map)
    same(map.sources, ['cell 7.ts'])
    const origin = (text: string) => {
      const before = kernel.js.slice(0, kernel.js.indexOf(text)).split('\n')
      const { line, column } = originalPositionFor(map, { line: before.length, column: before.at(-1)!.length })
      return [line, column]
    }
    same(origin('$.first = 1'), [3, 6])
    same(origin('return $.first'), [5, 2])
    same(origin('const x of'), [8, 5])
    same(origin('$.last ='), [10, 6])
    same(origin('(0, $.f)()'), [10, 13])
  })
  it('give stack traces the right line', async () => {
    const kernel = new FakeKernel()
    const error = await kernel.run('type T = 1\nconst a = 1\nnull!.x').catch((e: unknown) => e as Error)
    ok(error instanceof Error)
    const [, line, column] = /<anonymous>:(\d+):(\d+)/.exec(error.stack!)!
    // The fake kernel puts one parenthesis before the text.
    const shift = line === '1' ? 2 : 1
    equal(originalPositionFor(new TraceMap(kernel.map), { line: Number(line), column: Number(column) - shift }).line, 3)
  })
})

describe('syntax errors that only JavaScript finds', () => {
  it('are reported at their place in the cell', () => {
    const kernel = new FakeKernel()
    for (const [code, line, column, message] of [
      ['let x = 1\n  let x = 2', 1, 6, /already been declared/],
      ['type A = 1\nreturn 3', 1, 0, /'return' outside of a function/],
      ['interface I {}\nwhile (0) { }\nbreak', 2, 0, /'break' outside of a loop/],
    ] as const) {
      const [error, ...more] = kernel.syntaxErrors(code)
      same([error?.line, error?.column, more], [line, column, []])
      match(error.message, message)
    }
  })
})
