// `npm run -s cli -- scan PATH`: the command line over the engine. Builds it if its sources changed, then runs it in this process.
// Everything this module says goes to the error stream: the output belongs to the command line.
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inProject, root } from './project.mjs'

// Paths on the line mean the folder of who typed them; npm has gone to the project's, where it is built.
const { npm_lifecycle_event: script, INIT_CWD: beforeNpm } = process.env
const callersFolder = (script === 'cli' && beforeNpm) || process.cwd()
process.chdir(root)
await ensureDependencies()
await bundle({ only: ['main'] })
process.chdir(callersFolder)
const entry = inProject('out/main/cli.js')
// The entry reads its arguments as if it had been started itself.
process.argv[1] = entry
await import(pathToFileURL(entry).href)
