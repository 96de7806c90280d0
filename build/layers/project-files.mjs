// Lists the project's own files with their text: everything but what is installed, built or produced by tests.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { inProject } from '../project.mjs'

const IGNORED = new Set(['node_modules', 'out', 'release', '.git', '.cache', 'test-results', 'playwright-report'])
const IGNORED_FOLDERS = new Set(['e2e/screenshots', 'bench/results'])

/** Files whose text is looked at. */
export const TEXT =
  /(\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|json|md|html|css|yml|yaml|sql|sh|txt|svg|yar|conf|env)|(^|\/)(run|LICENSE|Dockerfile|\.npmrc|\.gitignore))$/
const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** Files that are not text are listed too, without their content: they may be imported. */
export function projectFiles(folder = '') {
  return readdirSync(inProject(folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name)
    if (IGNORED.has(entry.name) || IGNORED_FOLDERS.has(file)) return []
    if (entry.isDirectory()) return projectFiles(file)
    if (!entry.isFile()) return []
    return [{ path: file, text: TEXT.test(file) ? textOf(inProject(file)) : '' }]
  })
}

function textOf(file) {
  return statSync(file).size > MAX_TEXT_BYTES ? '' : readFileSync(file, 'utf8')
}
