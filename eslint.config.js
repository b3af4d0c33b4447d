/**
 * Lint rules: TypeScript's recommended ones with types, and the borders between the parts.
 * Arrows point one way: kernel → lib; inside lib: nn, optim, data … → ops → autograd → tensor → device.
 */
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Lowest first. A folder may import from its own line and from those before it. */
const layers = [
  ['device'],
  ['tensor'],
  ['autograd'],
  ['ops'],
  ['nn', 'optim', 'data', 'vision', 'classic', 'linalg', 'io', 'plot', 'check'],
]

/** What every part may import: the form in which values show themselves; it imports nothing. */
const everyone = 'plot/mime\\.js$'

const noImport = (regex, message) => ({ 'no-restricted-imports': ['error', { patterns: [{ regex, message }] }] })

const libLayers = layers.slice(0, -1).flatMap((folders, level) =>
  folders.map((folder) => ({
    files: [`lib/${folder}/**/*.ts`],
    rules: noImport(
      `^(\\.\\./)+(?!${everyone})((${layers
        .slice(level + 1)
        .flat()
        .join('|')})/|kernel/|index\\.js$)`,
      `lib/${folder} may import only from ${layers
        .slice(0, level + 1)
        .flat()
        .join(', ')}`,
    ),
  })),
)

export default defineConfig(
  globalIgnores(['dist/', 'build/', 'book/', '.venv/', 'test-output/', 'node_modules/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Handlers and interface members are async for their callers' sake, awaiting or not.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
      // Interfaces here are written with method syntax, and their functions are passed around.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // The shape of a tensor about which nothing is known is `any` on purpose, so in the library `any` comes up all the time.
    // Writing it stays forbidden, but for the one type that says so.
    files: ['lib/**/*.ts', 'test/**/*.ts', 'kernel/prelude.ts'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
  { files: ['lib/tensor/shape-types.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.recommended] },
  {
    files: ['lib/**/*.ts'],
    rules: noImport('^(\\.\\./)+kernel/', 'the library does not know the kernel'),
  },
  ...libLayers,
  {
    files: ['kernel/**/*.ts'],
    ignores: ['kernel/language/**', 'kernel/wire/**', 'kernel/notebook-runner.ts'],
    rules: noImport('^(tslab|zeromq)(/|$)', 'tslab belongs to kernel/language, zeromq to kernel/wire'),
  },
)
