// Turns source files into a graph: who imports whom, resolved to files of the project, to packages or to Node's own modules.
// It reads no file system: it is given the files, so that tests can hand it a few lines instead of a project.
import { isBuiltin } from 'node:module'
import path from 'node:path'
import ts from 'typescript'

const SOURCE = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/
const TEST = /(\.test\.(ts|tsx|mjs)$|\.spec\.ts$|(^|\/)testing\/)/

/** `files` are `{ path, text }` of the whole project; `subpaths` are the `imports` of package.json. */
export function sourceGraph(files, subpaths = {}) {
  const known = new Set(files.map((file) => file.path))
  return files
    .filter((file) => SOURCE.test(file.path))
    .map((file) => ({
      path: file.path,
      text: file.text,
      isTest: TEST.test(file.path),
      isGenerated: file.text.slice(0, 300).includes('@generated'),
      imports: importsOf(file).map((specifier) => resolve(specifier, file.path, known, subpaths)),
    }))
}

function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(file.text, true, true)
  return [...new Set(importedFiles.map((one) => one.fileName))]
}

function resolve(specifier, from, known, subpaths) {
  const bare = specifier.replace(/\?.*$/, '')
  const inside = projectPath(bare, from, subpaths)
  if (inside !== undefined) {
    return known.has(inside) ? { kind: 'file', specifier, path: inside } : { kind: 'missing', specifier, path: inside }
  }
  if (isBuiltin(bare)) return { kind: 'node', specifier, name: bare.replace(/^node:/, '') }
  if (bare.startsWith('virtual:')) return { kind: 'package', specifier, name: 'vite' }
  return { kind: 'package', specifier, name: packageName(bare) }
}

function projectPath(specifier, from, subpaths) {
  if (specifier.startsWith('.')) return path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier))
  for (const [pattern, target] of Object.entries(subpaths)) {
    const start = pattern.replace('*', '')
    if (specifier.startsWith(start)) return path.posix.normalize(target.replace('*', specifier.slice(start.length)))
  }
  return undefined
}

function packageName(specifier) {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}

/** True if the file only passes on what other files define. */
export function isBarrel(file) {
  const { statements } = parse(file)
  const passesOn = (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
  const neutral = (statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
  return statements.some(passesOn) && statements.every(neutral)
}

/** True if the code, not its comments or strings, names the identifier. */
export function namesIdentifier(file, name) {
  if (!file.text.includes(name)) return false
  const visit = (node) => (ts.isIdentifier(node) && node.text === name) || (ts.forEachChild(node, visit) ?? false)
  return visit(parse(file))
}

function parse(file) {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, false)
}
