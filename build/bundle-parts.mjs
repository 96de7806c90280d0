// What is built: each part names its sources, its output folder and its bundler configuration.
// It never runs a build; `bundle.mjs` does.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { MainConfigFactory, PreloadConfigFactory, RendererConfigFactory } from 'electron-vite'
import { engineBuild } from './engine-build.mjs'
import { inProject, packageJson, root } from './project.mjs'

// The oldest runtime the output must run on: the fallback runtime is Electron 33 (Node 20.18, Chromium 130).
const NODE_TARGET = 'node20.18'
const APP_PAGE_TARGET = 'chrome130'
const WEB_PAGE_TARGET = ['chrome111', 'edge111', 'firefox115', 'safari16.4']

const APP_SOURCES = ['electron', 'shared']

/** The parts in build order. A part without inputs yet is left out by the caller. */
export function bundleParts() {
  return [
    nodePart('main', APP_SOURCES, {
      index: 'electron/main/index.ts',
      'keyring-process': 'electron/secrets/keyring-process.ts',
      'engine-host': 'electron/engine-host/host.ts',
      'engine-worker': 'electron/engine-host/worker.ts',
      'treat-helper': 'electron/engine-host/treat-helper.ts',
      cli: 'electron/cli/main.ts',
    }),
    preloadPart(),
    rendererPart(),
    portalServerPart(),
    portalPagePart(),
  ]
}

/** Test entries: real main processes with injected ports. Built for the tests only, never packaged. */
export function endToEndPart() {
  return nodePart('e2e', [...APP_SOURCES, 'e2e/entries'], scriptsIn('e2e/entries'))
}

function nodePart(name, sources, candidates) {
  const input = present(candidates)
  const outDir = inProject('out', name)
  return {
    name,
    sources,
    outDir,
    input,
    config: () =>
      new MainConfigFactory(
        {
          define: { ENGINE_BUILD: JSON.stringify(engineBuild()) },
          build: {
            outDir,
            target: NODE_TARGET,
            sourcemap: true,
            externalizeDeps: { include: optionalPackages() },
            // Chunks lie beside the entries, so that `import.meta.dirname` is the same folder for every module.
            rolldownOptions: {
              input,
              output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
            },
          },
        },
        quiet(),
        { root },
      ).build(),
  }
}

function preloadPart() {
  const input = present({ index: 'electron/preload/index.ts' })
  const outDir = inProject('out/preload')
  return {
    name: 'preload',
    sources: ['electron/preload', 'shared'],
    outDir,
    input,
    config: () =>
      new PreloadConfigFactory(
        {
          build: {
            outDir,
            target: NODE_TARGET,
            sourcemap: true,
            // A sandboxed preload can neither be an ES module nor load packages.
            externalizeDeps: false,
            rolldownOptions: { input, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
          },
        },
        quiet(),
        { root },
      ).build(),
  }
}

function rendererPart() {
  const input = present(pagesIn('renderer'))
  const outDir = inProject('out/renderer')
  return {
    name: 'renderer',
    sources: ['renderer', 'shared'],
    outDir,
    input,
    config: () =>
      new RendererConfigFactory({ root: inProject('renderer'), ...page(input, outDir, APP_PAGE_TARGET) }, quiet(), {
        root,
      }).build(),
  }
}

function portalServerPart() {
  const input = present({ main: 'cloud/server/main.ts' })
  const outDir = inProject('out/portal/server')
  return {
    name: 'portal/server',
    sources: ['cloud/server', 'shared'],
    outDir,
    input,
    copies: [{ from: inProject('cloud/server/storage/migrations'), to: inProject('out/portal/migrations') }],
    config: () => ({
      ...quiet(),
      root,
      // Packages stay outside: the server runs where they are installed, and shares one copy of each with its libraries.
      build: {
        ssr: true,
        outDir,
        target: NODE_TARGET,
        sourcemap: true,
        minify: false,
        emptyOutDir: true,
        copyPublicDir: false,
        rolldownOptions: { input, output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' } },
      },
    }),
  }
}

function portalPagePart() {
  const input = present(pagesIn('cloud/web'))
  const outDir = inProject('out/portal/web')
  return {
    name: 'portal/web',
    sources: ['cloud/web', 'shared'],
    outDir,
    input,
    config: () => ({ ...quiet(), root: inProject('cloud/web'), base: '/', ...page(input, outDir, WEB_PAGE_TARGET) }),
  }
}

function page(input, outDir, target) {
  return {
    plugins: [react()],
    build: {
      outDir,
      target,
      sourcemap: true,
      minify: true,
      emptyOutDir: true,
      // SECURITY: nothing is inlined, because the pages' content security policy allows neither inline script nor data: fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input },
    },
  }
}

function quiet() {
  return { configFile: false, logLevel: 'warn', mode: 'production' }
}

function optionalPackages() {
  return Object.keys(packageJson().optionalDependencies ?? {})
}

function present(candidates) {
  const found = Object.entries(candidates).filter(([, file]) => existsSync(inProject(file)))
  return Object.fromEntries(found.map(([name, file]) => [name, inProject(file)]))
}

function scriptsIn(folder) {
  return filesIn(folder, '.ts')
}

function pagesIn(folder) {
  return filesIn(folder, '.html')
}

function filesIn(folder, ending) {
  if (!existsSync(inProject(folder))) return {}
  const names = readdirSync(inProject(folder)).filter((name) => name.endsWith(ending) && !name.endsWith('.test.ts'))
  return Object.fromEntries(names.map((name) => [path.basename(name, ending), path.join(folder, name)]))
}
