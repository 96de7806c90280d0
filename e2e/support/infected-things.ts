// One object of each class that treatment knows, made at run time around the product's harmless marker: what an automatic
// treatment makes of it is `end`. Programs and entries are a test's own: nothing of the machine is used.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { macroProject, officeDocument } from '../../electron/engine/treat/testing/document-fixtures.ts'
import { makeMail, textPart } from '../../electron/engine/treat/testing/mails.ts'
import { makeOleDocument } from '../../electron/engine/treat/testing/ole-document.ts'
import { compressVba } from '../../electron/engine/unpack/testing/vba.ts'
import { infectedMarkerBytes } from '../../shared/testing/samples.ts'
import { writeEicar, writeHarmless, writeInfected, writeTarGz, writeZip } from './samples.ts'
import { endedWithWorker } from './teardown.ts'

export interface InfectedThing {
  readonly name: string
  readonly what: string
  readonly end: 'disinfected' | 'deleted'
  make(file: string): void
}

const marker = (): Buffer => Buffer.from(infectedMarkerBytes())

/** Ten objects; the two that run are started by what follows. */
export const infectedThings: readonly InfectedThing[] = [
  { name: 'eicar.com', what: 'a whole file, by its digest', end: 'deleted', make: writeEicar },
  { name: 'tool.bin', what: 'a whole file, by a rule', end: 'deleted', make: writeInfected },
  { name: 'copy of tool.bin', what: 'another whole file', end: 'deleted', make: writeInfected },
  {
    name: 'mixed.zip',
    what: 'a member of a ZIP',
    end: 'disinfected',
    make: (file) =>
      writeZip(file, {
        'good.txt': (path) => writeHarmless(path, 'one'),
        'bad.com': writeEicar,
        'also good.txt': (path) => writeHarmless(path, 'two'),
      }),
  },
  {
    name: 'all-bad.zip',
    what: 'a ZIP with nothing good in it',
    end: 'deleted',
    make: (file) => writeZip(file, { 'bad.com': writeEicar }),
  },
  {
    name: 'all-bad.tar.gz',
    what: 'an archive that is not rewritten, with nothing good in it',
    end: 'deleted',
    make: (file) => writeTarGz(file, { 'only.com': writeEicar }),
  },
  {
    name: 'invoice.docm',
    what: 'macros of an Office document',
    end: 'disinfected',
    make: (file) => writeFileSync(file, officeDocument({ project: macroProject(marker()) }).bytes),
  },
  { name: 'letter.doc', what: 'macros of an old Office document', end: 'disinfected', make: writeOleDocument },
  {
    name: 'message.eml',
    what: 'an attachment of a mail',
    end: 'disinfected',
    make: (file) =>
      writeFileSync(
        file,
        makeMail({
          parts: [
            textPart,
            { name: 'bad.bin', content: marker() },
            { name: 'good.bin', content: Buffer.from('a good attachment') },
          ],
        }),
      ),
  },
  {
    name: 'nested.zip',
    what: 'an archive in an archive',
    end: 'disinfected',
    make: (file) =>
      writeZip(file, {
        'good.txt': (path) => writeHarmless(path, 'one'),
        'inner.zip': (path) => writeZip(path, { 'bad.com': writeEicar }),
      }),
  },
]

function writeOleDocument(file: string): void {
  const source = `Attribute VB_Name = "ThisDocument"\r\nSub AutoOpen()\r\n' ${marker().toString('latin1')}\r\nEnd Sub\r\n`
  const module = Buffer.concat([Buffer.alloc(20, 7), compressVba(source)])
  const document = {
    WordDocument: Buffer.alloc(6000, 'a letter '),
    '1Table': Buffer.alloc(900, 'table '),
    Macros: { VBA: { ThisDocument: module, dir: Buffer.alloc(99, 3) } },
  }
  writeFileSync(file, makeOleDocument(document))
}

/** A script with the marker that runs in a shell until it is ended. */
export function startInfectedScript(file: string): ChildProcess {
  writeFileSync(file, `#!/bin/sh\n# ${marker().toString('latin1')}\nwhile :; do sleep 1; done\n`)
  chmodSync(file, 0o755)
  return endedWithWorker(spawn(file, { stdio: 'ignore', detached: true }))
}

/** An entry of the session's autostart for a program, and one beside it that is somebody else's. */
export function writeAutostart(home: string, program: string): { readonly bad: string; readonly good: string } {
  const folder = join(home, '.config', 'autostart')
  mkdirSync(folder, { recursive: true })
  const [bad, good] = [join(folder, 'updater.desktop'), join(folder, 'notes.desktop')]
  const entry = (name: string, exec: string): string =>
    `[Desktop Entry]\nType=Application\nName=${name}\nExec=${exec}\n`
  writeFileSync(bad, entry('Updater', program))
  writeFileSync(good, entry('Notes', '/usr/bin/notes --tray'))
  return { bad, good }
}
