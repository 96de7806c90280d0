// `npm run layers`: proves on the whole project that every import keeps to the architecture's table, that there are no import
// cycles and no barrels, that files stay short, and that no text names a path of one machine or a registry address.
import { graphProblems, textProblems } from './layers/checks.mjs'
import { projectFiles, TEXT } from './layers/project-files.mjs'
import { sourceGraph } from './layers/source-graph.mjs'
import { isEntry, packageJson } from './project.mjs'

/** All problems of the project, one line each. */
export function projectProblems() {
  const files = projectFiles()
  const manifest = packageJson()
  const declared = new Set(
    ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {})),
  )
  return [
    ...graphProblems(sourceGraph(files, manifest.imports ?? {}), declared),
    ...textProblems(files.filter((file) => TEXT.test(file.path))),
  ]
}

if (isEntry(import.meta)) {
  const problems = projectProblems()
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? 'layers: no problem' : `layers: ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
