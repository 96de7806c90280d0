// A test run that did not report must never look like a run without failures.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { playwrightCounts, vitestCounts } from './test-reports.mjs'

const folder = mkdtempSync(path.join(os.tmpdir(), 'reports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(text) {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text))
  return file
}

test('a missing or damaged report counts as a failure', () => {
  expect(vitestCounts(path.join(folder, 'none.json'))).toEqual({ passed: 0, failed: 1 })
  expect(playwrightCounts(report('{"stats":'))).toEqual({ passed: 0, failed: 1 })
  expect(playwrightCounts(report({}))).toEqual({ passed: 0, failed: 1 })
})

test('a test file that does not load counts as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{}] },
  ]
  expect(vitestCounts(report({ numPassedTests: 3, numFailedTests: 2, testResults }))).toEqual({ passed: 3, failed: 3 })
})

test('a test that needed a second try counts as a failure', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1 }
  expect(playwrightCounts(report({ stats, errors: [] }))).toEqual({ passed: 5, failed: 2 })
})
