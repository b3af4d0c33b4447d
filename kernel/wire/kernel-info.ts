/** What the kernel says about itself; front ends choose highlighting, file names and features by it. */
import { createRequire } from 'node:module'
import { protocolVersion, type Json } from './messages.js'

const require = createRequire(import.meta.url)
const version = (packageFile: string) => (require(packageFile) as { version: string }).version

export function kernelInfo(): Json {
  const own = version('../../../package.json')
  const typescript = version('typescript/package.json')
  return {
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'gradbook',
    implementation_version: own,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      codemirror_mode: 'typescript',
      pygments_lexer: 'typescript',
      nbconvert_exporter: 'script',
    },
    banner: `gradbook ${own}: TypeScript ${typescript} with deep learning, Node ${process.version}`,
    debugger: false,
    supported_features: ['kernel subshells'],
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' },
      { text: 'Node.js', url: 'https://nodejs.org/docs/latest/api/' },
    ],
  }
}
