/**
 * Build step: renders the elementwise ops of the registry into C++ (`dist/native/elementwise.inc`), which the
 * native engine compiles once for each instruction set, and into expressions for devices, beside the sources of their kernels. Run by `npm run build:native`, before the addon exists.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../device/addon.js'
import './index.js'
import { elementwiseKernels, type ElementwiseKernel } from './registry.js'

const functionNames = new Set(
  `exp exp2 expm1 log log2 log10 log1p sqrt rsqrt pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh
  erf erfc erfcx erfinv lgamma digamma polygamma zeta i0 i0e i1 i1e ndtri logndtr frexp_mantissa frexp_exponent
  hypot nextafter fabs floor ceil rint trunc fmod modulo floordiv truncdiv copysign signbit fmax fmin maximum minimum
  isnan isinf isfinite gcd lcm shiftleft shiftright`.split(/\s+/),
)

const parameters = { 1: ['x'], 2: ['a', 'b'], 3: ['a', 'b', 'c'] } as const

const templates = { 1: 'Unary', 2: 'Binary', 3: 'Ternary' } as const

/** The element types in the order of `dtypeCodes`, and the sets of ops that are defined on each. */
const columns = [
  { type: 'float', sets: ['float', 'number', 'all'] },
  { type: 'double', sets: ['float', 'number', 'all'] },
  { type: 'int32_t', sets: ['number', 'all', 'integer'] },
  { type: 'int64_t', sets: ['number', 'all', 'integer'] },
  { type: 'uint8_t', sets: ['number', 'all', 'integer'] },
  { type: 'bool', sets: ['all'] },
]

/** The expression with every numeric literal in the element's type. Throws on a name that is neither operand nor function. */
function renderExpression(kernel: ElementwiseKernel): string {
  const known = new Set<string>([...parameters[kernel.inputs], 'p0', 'p1'])
  for (const [name] of kernel.expression.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) {
    if (!known.has(name) && !functionNames.has(name)) {
      throw new Error(
        `op ${kernel.name}: unknown name "${name}" in "${kernel.expression}"; ` +
          `it may use ${[...known].join(', ')} and the functions ${[...functionNames].join(', ')}`,
      )
    }
  }
  return kernel.expression.replace(/(?<![\w.])(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])/g, '(T)$&')
}

function renderFunctor(kernel: ElementwiseKernel): string {
  const operands = parameters[kernel.inputs].map((name) => `T ${name}`).join(', ')
  return [
    `struct Op_${kernel.name} {`,
    ...(kernel.inputs === 1
      ? [`  static constexpr bool kReducesAngles = ${/\b(sin|cos|tan)\(/.test(kernel.expression)};`]
      : []),
    `  template <class T>`,
    `  static GB_FORCE_INLINE auto Apply(${operands}, [[maybe_unused]] T p0, [[maybe_unused]] T p1) {`,
    `    return ${renderExpression(kernel)};`,
    `  }`,
    `};`,
  ].join('\n')
}

function renderEntry(kernel: ElementwiseKernel): string {
  const divides = /[/%]/.test(kernel.expression)
  const blocks = columns.map(({ type, sets }) => {
    if (!sets.includes(kernel.types)) return 'nullptr'
    const storage = type === 'bool' ? 'uint8_t' : type
    const value = divides && /int/.test(storage) ? `Checked<${storage}>` : storage
    const toBool = kernel.result === 'bool' || type === 'bool'
    return `${templates[kernel.inputs]}<Op_${kernel.name}, ${storage}, ${value}, ${toBool ? 'uint8_t, true' : `${storage}, false`}>`
  })
  return `    {"${kernel.name}", ${kernel.inputs}, ${kernel.result === 'bool'}, {${blocks.join(', ')}}},`
}

/** The C++ text for these kernels: a functor for each and the table in the order of their ids. */
export function renderElementwise(kernels: readonly ElementwiseKernel[]): string {
  return [
    '// Rendered from the op registry by lib/ops/render.ts.',
    ...kernels.map(renderFunctor),
    'const ElementwiseOp kElementwise[] = {',
    ...kernels.map(renderEntry),
    '};',
    '',
  ].join('\n')
}

/** The table of expressions from which a device's kernels are made when they are first used. */
export function renderExpressions(kernels: readonly ElementwiseKernel[]): string {
  return [
    '// Rendered from the op registry by lib/ops/render.ts.',
    ...kernels.map(
      (kernel) =>
        `{"${kernel.name}", ${kernel.inputs}, "${renderExpression(kernel)}", "${kernel.types}", ${kernel.result === 'bool'}},`,
    ),
    '',
  ].join('\n')
}

/** The kernel sources of a folder as C++ strings, so that nothing has to be found at run time. */
function renderSources(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.cl'))
  return names
    .sort()
    .map((name) => `{"${name.replace(/\.cl$/, '')}", R"CL(${readFileSync(join(folder, name), 'utf8')})CL"},\n`)
    .join('')
}

/** Writes the file only when its content changes, so that the compiler is not called for nothing. */
export function writeRendered(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const into = (name: string): string => join(packageRoot(), 'dist', 'native', name)
  writeRendered(into('elementwise.inc'), renderElementwise(elementwiseKernels()))
  writeRendered(into('gpu_elementwise.inc'), renderExpressions(elementwiseKernels()))
  writeRendered(into('gpu_kernels.inc'), renderSources(join(packageRoot(), 'native', 'gpu', 'kernels')))
}
