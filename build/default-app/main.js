// Stands in for Electron's own default app in the fallback runtime: `electron [-r FILE] [--FLAGS] PATH [ARGUMENTS]`.
// Owns nothing but starting the application at PATH the way the original does.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const require = createRequire(import.meta.url)
const options = parse(process.argv.slice(1))

for (const file of options.preload) require(path.resolve(file))

if (options.version) {
  console.log(`v${process.versions.electron}`)
  app.exit(0)
} else if (options.application === undefined) {
  console.error('usage: electron PATH-TO-APP')
  app.exit(1)
} else {
  // Awaited: Electron holds its `ready` event back until this module, and with it the application's, has been evaluated.
  await run(path.resolve(options.application))
}

function parse(args) {
  const found = { preload: [], version: false, application: undefined }
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index]
    if (argument === '-r' || argument === '--require') found.preload.push(args[++index])
    else if (argument === '--version' || argument === '-v') found.version = true
    else if (!argument.startsWith('-')) {
      found.application = argument
      break
    }
  }
  return found
}

async function run(target) {
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
  try {
    await load(target)
  } catch (error) {
    console.error('The application failed to load')
    console.error(error?.stack ?? error)
    app.exit(1)
  }
}

async function load(target) {
  const manifest = path.join(target, 'package.json')
  if (!fs.existsSync(manifest)) {
    app.setAppPath(path.dirname(target))
    await import(pathToFileURL(target).href)
    return
  }
  const described = JSON.parse(fs.readFileSync(manifest, 'utf8'))
  if (described.version) app.setVersion(described.version)
  app.name = described.productName ?? described.name ?? app.name
  app.setDesktopName?.(described.desktopName ?? `${app.name}.desktop`)
  app.setAppPath(target)
  await import(pathToFileURL(require.resolve(target)).href)
}
