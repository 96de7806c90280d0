// Lists of kernel modules that are loaded at every start. They name a module, not a file: only the module that was loaded from the
// bad file is meant, and nothing is looked for where there is none.
import { type Finder, linesOf, pathsIn, rewritten } from './entry.ts'

export const findInModuleLists: Finder = ({ tree, module }) => {
  if (module === undefined) return []
  const lists = pathsIn(tree, '/etc/modules-load.d', (name) => name.endsWith('.conf'))
  return ['/etc/modules', ...lists].flatMap((path) => {
    const file = tree.read(path)
    const lines = linesOf(file?.text ?? '')
    const entries = lines.filter((line) => nameIn(line) === module)
    if (file === undefined || entries.length === 0) return []
    const text = lines.filter((line) => nameIn(line) !== module).join('')
    return [rewritten('module', path, file, { entries, text })]
  })
}

/** `name options`; the kernel makes no difference between `-` and `_`. */
function nameIn(line: string): string {
  const [first = ''] = line.trim().split(/\s+/)
  return first.replaceAll('-', '_')
}
