// End to end: the real app in Electron and the real portal page in Chromium. A test that fails once has failed: no retries.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from '@playwright/test'

const results = path.resolve(import.meta.dirname, '../test-results')

/** The system's browser: nothing is downloaded for the tests. */
const chromium = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => [path.join(folder, 'chromium'), path.join(folder, 'google-chrome')])
  .find((file) => existsSync(file))

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: '**/*.spec.ts',
  outputDir: path.join(results, 'e2e'),
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  // For a machine several times slower than ours, on which two apps, two portals and a browser start at once. A wait that is over
  // sooner costs nothing; one that is not over by then has failed.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: path.join(results, 'e2e.json') }]],
  projects: [{ name: 'product' }],
  use: {
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [
        // Chromium refuses its sandbox to root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
