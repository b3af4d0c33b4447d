/** The table behind Enter in a console: run it, ask for more, or show the error. */
import { deepStrictEqual as same } from 'node:assert'
import { completenessOf } from '../../../kernel/language/completeness.js'

const complete = [
  '',
  'let x = 1',
  'a\n',
  'if (a) {\n  b\n}',
  'for (;;) {}',
  'const s = `a\n${1}`',
  'import { a } from "b"',
  'await f()',
  'for await (const x of y) {}',
  'using z = f()',
  'let a: Array<string> = []',
  '// note',
  '/* a */',
  'x as T',
  'const wrong: string = 1',
]

const invalid = [
  'const 3 = 4',
  '}',
  ')',
  '"abc',
  "'abc\nd",
  '1 +* 2',
  '/abc',
  'let x = ;',
  'foo(]',
  'class { 1 }}',
  'if (a) } b',
  'x = 08n',
]

const incomplete: [string, string][] = [
  ['foo.', ''],
  ['foo(', '  '],
  ['foo(1,\n  2', '  '],
  ['a +', ''],
  ['a +\n', ''],
  ['const x =', ''],
  ['x ?', ''],
  ['x => ', ''],
  ['x => {', '  '],
  ['if (x) {', '  '],
  ['if (x)', ''],
  ['if (a) b; else', ''],
  ['for (;;)', ''],
  ['for (const x of [1,', '  '],
  ['class A {\n  m() {', '    '],
  ['class A {\n  m() {}', '  '],
  ['`a', ''],
  ['`a ${', ''],
  ['/* a', ''],
  ['import {', '  '],
  ['import { a }', ''],
  ['@dec', ''],
  ['try {}', ''],
  ['const f = (x: number', '  '],
  ['type T = {', '  '],
  ['interface A {', '  '],
  ['[1, 2,', '  '],
  ['{ a: [ { b: 1 }', '  '],
  ['while (true) {\n\tfoo(', '\t  '],
]

describe('isComplete', () => {
  for (const code of complete)
    it(`complete: ${JSON.stringify(code)}`, () => same(completenessOf(code), { status: 'complete' }))
  for (const code of invalid)
    it(`invalid: ${JSON.stringify(code)}`, () => same(completenessOf(code), { status: 'invalid' }))
  for (const [code, indent] of incomplete)
    it(`incomplete: ${JSON.stringify(code)}`, () => same(completenessOf(code), { status: 'incomplete', indent }))
})
