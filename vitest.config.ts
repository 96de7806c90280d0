// Unit and integration tests: plain Node, straight from the TypeScript sources. Playwright owns everything under e2e/.
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['**/*.test.{ts,tsx,mjs}'],
    exclude: [...configDefaults.exclude, 'e2e/**', 'out/**', 'release/**', 'test-results/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
