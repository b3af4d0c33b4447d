/** `gradbook run`: notebooks through the real kernel, without a front end. Stops at the first notebook with an error. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ensureNative } from './native-build.js'
import { CommandError } from './project.js'

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { output: { type: 'string' }, timeout: { type: 'string' } },
  })
  if (positionals.length === 0) throw new CommandError('which notebook? gradbook run NOTEBOOK… [--output FILE]')
  if (values.output !== undefined && positionals.length > 1)
    throw new CommandError(`--output names one file, but ${positionals.length} notebooks were given`)
  const timeoutSeconds = values.timeout === undefined ? undefined : Number(values.timeout)
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0))
    throw new CommandError(`--timeout is a number of seconds above 0, got '${values.timeout}'`)
  for (const path of positionals) if (!existsSync(path)) throw new CommandError(`there is no file '${path}'`)

  ensureNative()
  const { runNotebook } = await import('../notebook-runner.js')
  for (const path of positionals)
    await runNotebook(path, {
      output: values.output,
      timeoutSeconds,
      log: (line: string) => process.stdout.write(`${line}\n`),
    })
}
