/** `input`, as every cell sees it. */

export interface InputOptions {
  /** Do not show what is typed. Default: false. */
  password?: boolean
}

/** Asks the user. */
export interface Input {
  /**
   * Asks the user for a line of text, below the cell: `const name = await input('Your name? ')`. Other code, such as
   * timers, goes on meanwhile.
   * @throws Error when the front end takes no input, as in a headless run; KernelInterrupt when the stop button is pressed
   */
  (prompt?: string, options?: InputOptions): Promise<string>
  /** The same without `await`, for code that cannot wait: nothing else runs until the answer comes. */
  sync(prompt?: string, options?: InputOptions): string
}

/** How questions reach the front end; the session installs it. */
export interface Asker {
  ask(prompt: string, password: boolean): Promise<string>
  askSync(prompt: string, password: boolean): string
}

const nobody = (): never => {
  throw new Error('input: there is no front end to ask; it works in a notebook or console')
}
let asker: Asker = { ask: nobody, askSync: nobody }

export function installAsker(next: Asker): void {
  asker = next
}

export const input: Input = Object.assign(
  // async, so that a refusal is a rejection wherever it is found
  async (prompt = '', { password = false }: InputOptions = {}) => asker.ask(String(prompt), password),
  { sync: (prompt = '', { password = false }: InputOptions = {}) => asker.askSync(String(prompt), password) },
)
