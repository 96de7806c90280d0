// Writes THIRD-PARTY-NOTICES.md: every package that is delivered with the product (installed or bundled), with version, licence
// and, where it is short, the licence's text. The result depends on the sources and the lock file alone.
// `--check` writes nothing and fails if the file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { projectFiles } from './layers/project-files.mjs'
import { sourceGraph } from './layers/source-graph.mjs'
import { inProject, isEntry, packageJson, say } from './project.mjs'

const FILE = 'THIRD-PARTY-NOTICES.md'
const PRODUCT_AREAS = /^(shared|electron|renderer|cloud)\/(?!.*\.config\.ts$)/
const LICENCE_FILE = /^(licen[cs]e|copying)(\.(md|txt|markdown))?$/i
const MAX_TEXT_LENGTH = 4_000
// The delivered build that the list is made for; packages of other platforms are not part of it.
const PLATFORM = { os: 'linux', cpu: 'x64', libc: 'glibc' }

function notices() {
  const { packages } = JSON.parse(readFileSync(inProject('package-lock.json'), 'utf8'))
  const delivered = closure(packages, deliveredDirectly()).map((where) => described(where, packages[where]))
  const unique = new Map(delivered.map((one) => [`${one.name} ${one.version}`, one]))
  const sorted = [...unique.values()].toSorted((a, b) => compare(`${a.name} ${a.version}`, `${b.name} ${b.version}`))
  return render(sorted)
}

/** What package.json installs for a user, and what the sources import and the bundler therefore takes in. */
function deliveredDirectly() {
  const manifest = packageJson()
  const graph = sourceGraph(projectFiles(), manifest.imports ?? {})
  const product = graph.filter((file) => PRODUCT_AREAS.test(file.path) && !file.isTest)
  const imported = product.flatMap((file) =>
    file.imports.filter((one) => one.kind === 'package').map((one) => one.name),
  )
  return [
    ...new Set([
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.optionalDependencies ?? {}),
      ...imported,
    ]),
  ]
}

function closure(packages, names) {
  const found = new Set()
  const visit = (name, from) => {
    const where = locate(packages, name, from)
    if (!where || found.has(where) || !isForPlatform(packages[where])) return
    found.add(where)
    // Electron's own dependencies only download it.
    if (name === 'electron') return
    const { dependencies, optionalDependencies } = packages[where]
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, where)
  }
  for (const name of names) visit(name, '')
  return [...found]
}

/** Where a package lies that is asked for from inside another one: in its node_modules, or further out. */
function locate(packages, name, from) {
  for (
    let folder = from;
    ;
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  ) {
    const where = `${folder ? `${folder}/` : ''}node_modules/${name}`
    if (packages[where]) return where
    if (!folder) return undefined
  }
}

function isForPlatform(entry) {
  return Object.entries(PLATFORM).every(([key, value]) => !entry[key] || entry[key].includes(value))
}

function described(where, entry) {
  const manifestFile = inProject(where, 'package.json')
  const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {}
  const name = entry.name ?? where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length)
  return {
    name,
    version: entry.version,
    licence: entry.license ?? manifest.license ?? 'see its text',
    text: licenceText(where),
  }
}

function licenceText(where) {
  const folder = inProject(where)
  const name = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .find((one) => LICENCE_FILE.test(one))
    : undefined
  if (!name) return undefined
  const text = readFileSync(inProject(where, name), 'utf8').replaceAll('\r', '').trim()
  return text.length > MAX_TEXT_LENGTH ? undefined : text
}

/** Packages with the very same text share one copy of it. */
function render(packages) {
  const rows = packages.map((one) => `| ${one.name} | ${one.version} | ${one.licence} |`)
  const texts = groupByText(packages)
  const sections = [...texts]
    .filter(([text]) => text !== undefined)
    .map(([text, owners]) => {
      return `### ${owners.map((one) => `${one.name} ${one.version}`).join(', ')}\n\n${indented(text)}`
    })
  return `# Third-party notices

The product contains the packages below, unchanged. Longer licences (Apache-2.0, MPL-2.0 and the like) are to be found at
their usual addresses and inside the packages; the licences of Electron and Chromium lie beside the program.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}

## Texts

${sections.join('\n\n')}
`
}

function groupByText(packages) {
  const groups = new Map()
  for (const one of packages) groups.set(one.text, [...(groups.get(one.text) ?? []), one])
  return groups
}

/** An indented block is shown as it is, whatever characters it holds. */
function indented(text) {
  return text
    .split('\n')
    .map((line) => (line.trim() ? `    ${line.trimEnd()}` : ''))
    .join('\n')
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

if (isEntry(import.meta)) {
  const file = inProject(FILE)
  const wanted = notices()
  const current = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (process.argv.includes('--check')) process.exitCode = current === wanted ? 0 : 1
  else if (current !== wanted) writeFileSync(file, wanted)
  say(
    'notices',
    current === wanted ? `${FILE} is up to date` : process.exitCode ? `${FILE} is out of date` : `${FILE} written`,
  )
}
