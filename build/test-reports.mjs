// Reads what the test runners report about themselves: how many tests passed and how many failed.
// A report that is missing, unreadable or empty is a failure, never a silent zero.
import { existsSync, readFileSync } from 'node:fs'

/** Counts from vitest's JSON report. */
export function vitestCounts(file) {
  return counted(file, (report) => {
    const assertions = report.numFailedTests
    // A test file that does not load has no tests to fail; it counts as one.
    const broken = report.testResults.filter(
      (one) => one.status === 'failed' && one.assertionResults.length === 0,
    ).length
    return { passed: report.numPassedTests, failed: assertions + broken }
  })
}

/** Counts from Playwright's JSON report. */
export function playwrightCounts(file) {
  return counted(file, ({ stats, errors }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
  }))
}

function counted(file, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  try {
    return read(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { passed: 0, failed: 1 }
  }
}
