// Start-up files of shells: of each person and of the system. Their lines are a shell's.
import { homesFor } from './aim.ts'
import { type Finder, type FoundFile, type Look, linksToIt, pathsIn, removed, rewritten } from './entry.ts'
import { cutScript } from './script.ts'

const ofPeople = [
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.xprofile',
  '.xsession',
  '.xsessionrc',
  '.xinitrc',
]
const ofSystem = ['/etc/profile', '/etc/bash.bashrc', '/etc/zsh/zshrc', '/etc/zsh/zshenv', '/etc/zsh/zprofile']
const dropIns = '/etc/profile.d'

export const findInShells: Finder = (look) => [
  ...look.homes.flatMap((home) => ofPeople.flatMap((name) => inScript(look, `${home}/${name}`, home))),
  ...ofSystem.flatMap((path) => inScript(look, path, undefined)),
  ...pathsIn(look.tree, dropIns, (name) => /\.(sh|bash|zsh)$/.test(name)).flatMap((path) =>
    inScript(look, path, undefined, 'may-go'),
  ),
  ...linksToIt(look, 'shell', dropIns),
]

/** `may-go`: a file of its own for each program, which goes when there is nothing else in it. */
function inScript(look: Look, path: string, home: string | undefined, whole?: 'may-go'): FoundFile[] {
  const file = look.tree.read(path)
  if (file === undefined) return []
  const cut = cutScript(file.text, { aim: look.aim, homes: homesFor(look.accounts, home), folder: home })
  if (cut === undefined) return []
  const isAlone = whole === 'may-go' && cut.rest === 'nothing'
  return [isAlone ? removed('shell', path, file, cut.entries) : rewritten('shell', path, file, cut)]
}
