/** What `npm pack` runs: puts the built engine where an installed package looks for it. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { builtEngine, packedEngine } from '../../lib/device/addon.js'

mkdirSync(dirname(packedEngine()), { recursive: true })
copyFileSync(builtEngine(), packedEngine())
