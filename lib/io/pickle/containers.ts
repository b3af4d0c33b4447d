/** Python's containers as pickles name and call them. */
import { PyDict, PyGlobal, PyList, PySet, type PyValue } from './values.js'

/** Python's own containers by name, allowed everywhere. */
export const containerGlobals: readonly PyGlobal[] = [
  new PyGlobal('collections.OrderedDict', ([from]) => dictFrom(from, true)),
  new PyGlobal('collections.Counter', ([from]) => dictFrom(from, false)),
  new PyGlobal('builtins.dict', ([from]) => dictFrom(from, false)),
  new PyGlobal('builtins.list', ([from]) => new PyList(itemsOf(from))),
  new PyGlobal('builtins.tuple', ([from]) => new PyList(itemsOf(from), true)),
  new PyGlobal('builtins.set', ([from]) => new PySet(itemsOf(from))),
  new PyGlobal('builtins.frozenset', ([from]) => new PySet(itemsOf(from))),
  new PyGlobal('builtins.bytearray', ([from]) => (from instanceof Uint8Array ? from : new Uint8Array(0))),
  new PyGlobal('_codecs.encode', ([text]) => Buffer.from(typeof text === 'string' ? text : '', 'latin1')),
]

function itemsOf(value: PyValue | undefined): PyValue[] {
  return value instanceof PyList || value instanceof PySet ? [...value.items] : []
}

/** A dict from another or from pairs. */
function dictFrom(value: PyValue | undefined, ordered: boolean): PyDict {
  const dict = new PyDict(ordered)
  if (value instanceof PyDict) dict.entries.push(...value.entries)
  for (const pair of itemsOf(value)) {
    if (pair instanceof PyList && pair.items.length === 2) dict.entries.push([pair.items[0], pair.items[1]])
  }
  return dict
}
