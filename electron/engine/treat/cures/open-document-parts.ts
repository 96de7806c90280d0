// What else changes in an OpenDocument file when macros or an embedded object are taken out: macros go as a whole, an object
// with everything below it, and the manifest loses their lines. Never touches any other part.
import { nameOf, type PackageRules } from './document-package.ts'
import { withoutElements } from './xml-elements.ts'
import type { ZipMember } from './zip-directory.ts'
import { type RewrittenMember, repacked, textOf } from './zip-rewrite.ts'

const manifest = 'META-INF/manifest.xml'
/** The document itself. */
const needed = /^(?:mimetype$|content\.xml$|styles\.xml$|meta\.xml$|settings\.xml$|META-INF\/)/
const macros = /^(?:Basic|Scripts)\//
/** `Object 1` is a file (of another program) or a folder (of this kind of document). */
const object = /^(Object [^/]+)(?:\/|$)/

export const openDocumentRules: PackageRules = {
  applies: (members) => {
    const names = new Set(members.map(nameOf))
    return names.has(manifest) && names.has('content.xml')
  },
  active: (members) => members.filter((member) => macros.test(nameOf(member)) || object.test(nameOf(member))),
  change: (zip, members, bad) => {
    if ([...bad].some((member) => needed.test(nameOf(member)))) return 'part-needed'
    const goes = goneNames([...bad].map(nameOf))
    const removed = new Set(members.filter((member) => goes(nameOf(member))))
    const rewritten = new Map<ZipMember, RewrittenMember>()
    for (const member of members) {
      if (nameOf(member) !== manifest) continue
      const text = textOf(zip, member)
      const changed =
        text === undefined
          ? undefined
          : withoutElements(text, ({ name, attributes }) => {
              const path = name === 'file-entry' ? attributes.get('full-path') : undefined
              return path !== undefined && path !== '/' && goes(path)
            })
      if (changed === undefined) return 'list-unreadable'
      if (changed !== text) rewritten.set(member, repacked(zip, member, changed))
    }
    const isOneThing = [...bad].every((member) => macros.test(nameOf(member)) || object.test(nameOf(member)))
    return { removed, rewritten, isOneThing }
  },
}

/** Says of a name whether it goes with the bad ones. */
function goneNames(bad: readonly string[]): (name: string) => boolean {
  const exact = new Set(bad)
  const withMacros = bad.some((name) => macros.test(name))
  const objects = new Set(bad.flatMap((name) => object.exec(name)?.[1] ?? []))
  return (name) => {
    if (exact.has(name) || (withMacros && macros.test(name))) return true
    const owner = object.exec(name)?.[1]
    return owner !== undefined && objects.has(owner)
  }
}
