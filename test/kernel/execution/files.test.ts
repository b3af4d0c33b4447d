/** Saving and loading in cells: whole models find the classes that cells define. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { temporaryFolders } from '../../support/folders.js'
import { patience, tracebackText, useKernel, valueOf } from '../../support/kernel.js'

describe('files in cells', function () {
  this.timeout(patience)
  const kernel = useKernel()
  const path = JSON.stringify(join(temporaryFolders()(), 'net.pt'))

  it('bring back a model whose class a cell defines, and name one that is not known', async () => {
    await kernel().execute(`
      class Net extends nn.Module {
        fc: nn.Linear = new nn.Linear(4, 2)
        constructor(readonly width: number) { super() }
        forward(x: Tensor) { return this.fc.forward(x) }
      }
      const net = new Net(4); const x = ones(1, 4)
      save(net, ${path})`)
    const same = `const again = load<Net>(${path}); String(again instanceof Net && again.width === 4 && again.forward(x).equal(net.forward(x)))`
    assert.equal(await valueOf(kernel(), same), `'true'`)
    await kernel().execute('class Other extends nn.Linear {}; save(new Other(1, 1), ' + path + ')')
    const unknown = await kernel().execute(`var Other = 5 as any; load(${path})`)
    assert.match(
      tracebackText(unknown),
      /holds a module of class Other, which is not known here; run the cell that defines it/,
    )
  })
})
