// `npm run -s cli -- scan PATH`: the command line over the engine. Builds it if its sources changed, then runs it in this process.
// Everything this module says goes to the error stream: the output belongs to the command line.
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inProject } from './project.mjs'

await ensureDependencies()
await bundle({ only: ['main'] })
const entry = inProject('out/main/cli.js')
// The entry reads its arguments as if it had been started itself.
process.argv[1] = entry
// npm goes to the project's folder; paths on the line mean the folder of who typed them.
const { npm_lifecycle_event: script, INIT_CWD: callersFolder } = process.env
if (script === 'cli' && callersFolder) process.chdir(callersFolder)
await import(pathToFileURL(entry).href)
