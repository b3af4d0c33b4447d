/** Debian's Chromium without a window, driven by playwright-core; pictures of what it shows go to test-output/. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { packageRoot } from '../../lib/device/addon.js'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

export const browserPath: string | undefined = places.find((path) => existsSync(path))
export const browserReason = `no Chromium at ${places.join(', ')}; apt-get install chromium`

/** No sandbox, since CI runs as root; no background services, since they would wait for hosts outside. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: browserPath, args: flags })

/** Saves what the page shows as test-output/NAME.png. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = join(packageRoot(), 'test-output')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
