/** `gradbook kernel FILE`: what the kernelspec starts. */
import { CommandError } from './project.js'

export async function kernel([connectionFile]: string[]): Promise<void> {
  if (connectionFile === undefined)
    throw new CommandError(
      "'gradbook kernel' needs the connection file that Jupyter writes; to start Jupyter: gradbook lab",
    )
  const { startKernel } = await import('../main.js')
  await startKernel(connectionFile)
}
