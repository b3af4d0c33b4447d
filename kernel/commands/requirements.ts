/**
 * What gradbook needs from the machine, in one table: the build steps check their rows before they start,
 * and `gradbook doctor` prints them all. Each row knows how to find the thing and the command that installs it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { CommandError, inRoot, packageJson } from './project.js'
import { ask } from './subprocess.js'

/** The step that fails without it. 'browser' is wanted by the front-end tests only. */
export type Purpose = 'start' | 'native' | 'lab' | 'browser'

export interface Found {
  /** As printed by the program, shortened; may name where it was found. */
  version: string
  ok: boolean
}

export interface Requirement {
  name: string
  needed: string
  purpose: Purpose
  find(): Found | null
  debian: string
  macos: string
}

/** The first dotted number in a program's answer. */
const versionIn = (text: string | null): string | null => text?.match(/\d+(\.\d+)+/)?.[0] ?? null

/** Compares dotted versions number by number. */
export function atLeast(version: string, needed: string): boolean {
  const [a, b] = [version, needed].map((text) => text.split('.').map(Number))
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i]
  return true
}

function versionOf(file: string, needed = '0'): Found | null {
  const version = versionIn(ask(file, ['--version']))
  return version === null ? null : { version, ok: atLeast(version, needed) }
}

function firstOf<T>(names: readonly string[], find: (name: string) => T | null): T | null {
  for (const name of names) {
    const found = find(name)
    if (found !== null) return found
  }
  return null
}

const oldestNode = packageJson.engines.node.replace('>=', '')
const oldestPython = '3.9'
const pythonNames = ['python3', ...[14, 13, 12, 11, 10, 9].map((minor) => `python3.${minor}`), 'python']

interface Python {
  file: string
  version: string
  /** Has both modules that make a virtual environment with pip in it: Debian packages them separately. */
  hasVenv: boolean
}

/** The first Python on the PATH that can make the environment, else the newest-named one that cannot. */
export function findPython(): Python | null {
  const question =
    'import sys, importlib.util as u; print(sys.version.split()[0], all(map(u.find_spec, ["venv", "ensurepip"])))'
  let fallback: Python | null = null
  for (const file of pythonNames) {
    const [version, hasVenv] = ask(file, ['-c', question])?.split(' ') ?? []
    if (!version || !atLeast(version, oldestPython)) continue
    if (hasVenv === 'True') return { file, version, hasVenv: true }
    fallback ??= { file, version, hasVenv: false }
  }
  return fallback
}

/** Where CMakeLists.txt says which CMake it was written for; an installed package has no such file and builds nothing. */
function oldestCmake(): string {
  const file = inRoot('CMakeLists.txt')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return /cmake_minimum_required\s*\(\s*VERSION\s+([\d.]+)/i.exec(text)?.[1] ?? '3.15'
}

function findCompiler(): Found | null {
  const names = [...(process.env.CXX ? [process.env.CXX] : []), 'c++', 'g++', 'clang++']
  return firstOf(names, (name) => {
    const version = ask(name, ['-dumpfullversion', '-dumpversion'])
    if (version === null) return null
    const program = '#include <optional>\nstd::optional<int> x;\n'
    return {
      version: `${name} ${version}`,
      ok: ask(name, ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], program) !== null,
    }
  })
}

export const browserNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

export const requirements: readonly Requirement[] = [
  {
    name: 'Node.js',
    needed: `${oldestNode} or later`,
    purpose: 'start',
    find: () => ({ version: process.versions.node, ok: atLeast(process.versions.node, oldestNode) }),
    debian: 'apt-get install nodejs (Debian 13), or nvm install 24',
    macos: 'brew install node',
  },
  {
    name: 'npm',
    needed: 'any',
    purpose: 'start',
    find: () => versionOf('npm'),
    debian: 'apt-get install npm',
    macos: 'brew install node',
  },
  {
    name: 'git',
    needed: 'any',
    purpose: 'start',
    find: () => versionOf('git'),
    debian: 'apt-get install git',
    macos: 'brew install git',
  },
  {
    name: 'C++ compiler',
    needed: 'C++17',
    purpose: 'native',
    find: findCompiler,
    debian: 'apt-get install g++',
    macos: 'xcode-select --install',
  },
  {
    name: 'CMake',
    needed: `${oldestCmake()} or later`,
    purpose: 'native',
    find: () => versionOf('cmake', oldestCmake()),
    debian: 'apt-get install cmake',
    macos: 'brew install cmake',
  },
  {
    name: 'make or ninja',
    needed: 'any',
    purpose: 'native',
    find: () =>
      firstOf(['ninja', 'make'], (name) => {
        const found = versionOf(name)
        return found && { ...found, version: `${name} ${found.version}` }
      }),
    debian: 'apt-get install make',
    macos: 'xcode-select --install',
  },
  {
    name: 'Python',
    needed: `${oldestPython} or later`,
    purpose: 'lab',
    find: () => {
      const python = findPython()
      return python && { version: python.version, ok: true }
    },
    debian: 'apt-get install python3 python3-venv',
    macos: 'brew install python',
  },
  {
    name: 'Python venv',
    needed: 'venv and ensurepip',
    purpose: 'lab',
    find: () => {
      const python = findPython()
      return python?.hasVenv ? { version: `of ${python.file}`, ok: true } : null
    },
    debian: 'apt-get install python3-venv',
    macos: 'brew install python',
  },
  {
    name: 'Chromium',
    needed: 'any; only for the front-end tests',
    purpose: 'browser',
    find: () => firstOf(browserNames, versionOf),
    debian: 'apt-get install chromium',
    macos: 'brew install --cask chromium',
  },
]

/** The command that installs it on this machine. */
export function remedy({ debian, macos }: Requirement): string {
  if (process.platform === 'darwin') return macos
  return process.getuid?.() === 0 ? debian : `sudo ${debian}`
}

/** Throws CommandError naming everything that is missing for these purposes and what to type. */
export function need(...purposes: Purpose[]): void {
  const lines = requirements
    .filter((row) => purposes.includes(row.purpose))
    .map((row) => ({ row, found: row.find() }))
    .filter(({ found }) => !found?.ok)
    .map(
      ({ row, found }) =>
        `  ${row.name} (${row.needed}): ${found ? `found ${found.version}` : 'not found'}. Install it: ${remedy(row)}`,
    )
  if (lines.length > 0) throw new CommandError(`something is missing on this machine:\n${lines.join('\n')}`)
}
