/** `gradbook doctor`: one line for each requirement, missing ones named with what to do. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { atLeast, requirements } from '../../kernel/commands/requirements.js'
import { packageRoot } from '../../lib/device/addon.js'
import { gradbook } from '../support/gradbook.js'

describe('gradbook doctor', () => {
  it('has one line for each requirement and each part that is made', () => {
    const { out } = gradbook(['doctor'])
    const names = [...requirements.map(({ name }) => name), 'native engine', 'JupyterLab', 'kernelspec', 'MNIST']
    for (const name of names) {
      const line = out.split('\n').find((text) => text.slice(10).startsWith(`${name} `))
      assert.match(line ?? `no line for ${name}`, /^(ok|missing|later|optional) +.*needed: .*found: /)
    }
  })

  it('names what is missing with the command that installs it, and fails', () => {
    const { code, out } = gradbook(['doctor'], { PATH: '/nowhere', CXX: undefined })
    assert.equal(code, 1)
    const install = process.platform === 'darwin' ? '(brew|xcode-select)' : 'apt-get'
    for (const name of ['npm', 'C\\+\\+ compiler', 'CMake', 'make or ninja', 'Python'])
      assert.match(out, new RegExp(`^missing +${name} .*not found +→ .*${install}.* install`, 'm'))
    assert.match(out, /^ok +Node.js /m)
    assert.match(out, /^Missing: npm, git, C\+\+ compiler, /m)
  })

  it('compares versions number by number', () => {
    assert.ok(atLeast('3.10', '3.9'))
    assert.ok(atLeast('20.19.0', '20.19'))
    assert.ok(!atLeast('20.9.9', '20.19'))
    assert.ok(!atLeast('3', '3.1'))
  })
})

describe('requirements.lock', () => {
  const lines = readFileSync(join(packageRoot(), 'requirements.lock'), 'utf8').split('\n')
  const pins = lines.filter((line) => line !== '' && !line.startsWith('#'))

  it('names exact versions only', () => {
    for (const pin of pins) assert.match(pin, /^[a-z0-9-]+==[0-9][^ ]*( ; .+)?$/)
  })

  it('has JupyterLab 4 and a plotly with an extension for it', () => {
    assert.ok(pins.some((pin) => pin.startsWith('jupyterlab==4.')))
    const plotly = pins.find((pin) => pin.startsWith('plotly=='))
    assert.ok(plotly && atLeast(plotly.slice('plotly=='.length), '6.1'))
  })
})
