/** What a line says that looks like a magic and is none, or is one in another form. */
import { magics } from '../language/magics.js'

type Form = 'line' | 'cell'

/** What users of other kernels write, and what takes its place here. */
const elsewhere: readonly [RegExp, (name: string) => string][] = [
  [
    /^(npm|pnpm|yarn|pip|conda|node|git|cat|cp|mv|mkdir|rm)$/,
    (name) => `A command for the shell begins with an exclamation mark: !${name} …`,
  ],
  [/^(html|markdown|latex|svg|javascript|js)$/, (name) => `To show ${name}, write: display.${name}(\`…\`)`],
  [/^(autoreload|load_ext|reload_ext)$/, () => 'Imported files are read again whenever they have changed.'],
  [/^(matplotlib|pylab)$/, () => 'Pictures need no preparation: plot.line([1, 4, 9])'],
  [/^(run|load)$/, () => "To run a file, import it: await import('./file.ts')"],
  [/^(debug|pdb|prun|lprun|memit)$/, () => '%time and %timeit measure; a failed cell shows the line that failed.'],
]

export function unknownMagic(form: Form, name: string): string {
  const percent = form === 'cell' ? '%%' : '%'
  const sorry = `There is no magic ${percent}${name}.`
  const hint = elsewhere.find(([names]) => names.test(name))?.[1](name)
  if (hint !== undefined) return `${sorry} ${hint}`
  const known = magics.filter(({ forms }) => forms.includes(form)).flatMap(({ name, alias = name }) => [name, alias])
  const near = nearest(name, known)
  if (near !== undefined) return `${sorry} Did you mean ${percent}${near}? %magics explains them all.`
  return `${sorry} There are ${[...new Set(known)].map((known) => percent + known).join(', ')}; %magics explains them.`
}

export function wrongForm(form: Form, name: string): string {
  return form === 'cell'
    ? `%${name} is for one line: write it with one percent sign`
    : `%%${name} is for a whole cell: write it with two percent signs in the first line; for one line there is !COMMAND`
}

/** The known name that takes the fewest changes of a letter, if these are few for its length. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, changes: distance(name.toLowerCase(), candidate) }))
  const [best] = ranked.sort((a, b) => a.changes - b.changes)
  return best && best.changes <= Math.max(1, Math.ceil(name.length / 3)) ? best.candidate : undefined
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]
}
