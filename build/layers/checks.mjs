// The checks over the source graph. Each takes values and gives back a list of problems, one line each; none prints or exits.

import { isBarrel, namesIdentifier } from './source-graph.mjs'
import { LAYERS, MAX_LINES, NETWORK_MODULES, RAW_MESSAGING, ROOT_FILES } from './table.mjs'

// Put together from pieces, so that this file does not name such a path itself.
const MACHINE_PATH = new RegExp(`(^|[^\\w.@-])/(?:${['work', 'root'].join('|')})/`)
const RESOLVED_ADDRESS = /^\s*"resolved":/m

/** Every problem of the source files. `declared` holds the packages that package.json names; without it they are not looked at. */
export function graphProblems(graph, declared) {
  return [
    ...(declared ? graph.flatMap((file) => undeclaredProblems(file, declared)) : []),
    ...graph.flatMap(layerProblems),
    ...graph.flatMap(shapeProblems),
    ...graph.flatMap(messagingProblems),
    ...cycles(graph).map((loop) => `import cycle: ${loop.join(' -> ')}`),
  ]
}

/** Every problem of the text files, sources or not. */
export function textProblems(files) {
  return files.flatMap(({ path, text }) => {
    if (path === 'package-lock.json') return RESOLVED_ADDRESS.test(text) ? [`${path}: names registry addresses`] : []
    const line = text.split('\n').findIndex((one) => MACHINE_PATH.test(one))
    return line < 0 ? [] : [`${path}:${line + 1}: names a path of one machine`]
  })
}

function layerProblems(file) {
  const layer = layerOf(file.path)
  const missing = file.imports
    .filter((one) => one.kind === 'missing')
    .map((one) => `${file.path}: imports ${one.specifier}, which is not there`)
  if (!layer)
    return ROOT_FILES.test(file.path) ? missing : [`${file.path}: belongs to no area of the import table`, ...missing]
  // Tests may reach into everything; what they must not do is be imported by the product.
  if (file.isTest) return missing
  const refused = file.imports.map((one) => refusal(layer, one)).filter(Boolean)
  return [...missing, ...refused.map((reason) => `${file.path}: ${reason}`)]
}

/** A package that only happens to be installed, because another one needs it, may be gone tomorrow. */
function undeclaredProblems(file, declared) {
  return file.imports
    .filter((one) => one.kind === 'package' && !declared.has(one.name))
    .map((one) => `${file.path}: the package ${one.name} is not in package.json`)
}

function refusal(layer, imported) {
  if (imported.kind === 'file') return fileRefusal(layer, imported)
  if (imported.kind === 'node') return nodeRefusal(layer, imported)
  if (imported.kind === 'package' && !layer.packages.some((pattern) => fits(pattern, imported.name))) {
    return `${layer.area} may not import the package ${imported.name}`
  }
  return undefined
}

function fileRefusal(layer, { path }) {
  const allowed = layer.areas.some((area) => within(path, area)) && !layer.not?.some((area) => within(path, area))
  if (!allowed) return `${layer.area} may not import ${path}`
  return undefined
}

function nodeRefusal(layer, { name }) {
  if (!layer.node) return `${layer.area} may not import Node's ${name}`
  if (layer.network === undefined || !NETWORK_MODULES.includes(name)) return undefined
  return layer.network.includes(name) ? undefined : `${layer.area} may not reach the network (${name})`
}

function shapeProblems(file) {
  const problems = []
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0)
  if (lines > MAX_LINES && !file.isTest && !file.isGenerated)
    problems.push(`${file.path}: ${lines} lines, more than ${MAX_LINES}`)
  if (isBarrel(file)) problems.push(`${file.path}: only passes on what other files define`)
  return problems
}

function messagingProblems(file) {
  if (file.isTest || !layerOf(file.path)?.area.startsWith('electron')) return []
  return RAW_MESSAGING.filter(
    ({ name, allowed }) => !allowed.some((area) => within(file.path, area)) && namesIdentifier(file, name),
  ).map(({ name }) => `${file.path}: uses ${name} itself`)
}

/** Groups of files that import each other in a loop (strongly connected components), tests left out. */
function cycles(graph) {
  const nodes = new Map(graph.filter((file) => !file.isTest).map((file) => [file.path, file]))
  const state = { next: 0, order: new Map(), low: new Map(), stack: [], loops: [] }
  for (const path of nodes.keys()) if (!state.order.has(path)) connect(path, nodes, state)
  return state.loops
}

function connect(path, nodes, state) {
  state.order.set(path, state.next)
  state.low.set(path, state.next++)
  state.stack.push(path)
  const targets = nodes.get(path).imports.filter((one) => one.kind === 'file' && nodes.has(one.path))
  for (const { path: target } of targets) {
    if (!state.order.has(target)) connect(target, nodes, state)
    if (state.stack.includes(target)) state.low.set(path, Math.min(state.low.get(path), state.low.get(target)))
  }
  if (state.low.get(path) !== state.order.get(path)) return
  const loop = state.stack.splice(state.stack.indexOf(path))
  if (loop.length > 1 || targets.some((one) => one.path === path)) state.loops.push(loop)
}

function layerOf(path) {
  return LAYERS.filter((layer) => within(path, layer.area)).toSorted((a, b) => b.area.length - a.area.length)[0]
}

function within(path, area) {
  return path === area || path.startsWith(`${area}/`)
}

function fits(pattern, name) {
  if (pattern === '*') return true
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
