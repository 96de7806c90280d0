// Takes single lines out of a small settings file of the machine: all others stay byte for byte, owner and rights too, and a
// crash leaves the old file or the new one. What is taken out is journaled before. Never follows a link.
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync } from 'node:fs'
import type { DetectionId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { readWhole, writeAll } from '../../files/content.ts'
import { type Folder, withParent } from '../../files/dirfd.ts'
import { asProductError } from '../../files/fs-errors.ts'
import type { LinuxCalls } from '../../files/linux-calls.ts'
import { temporaryName } from '../../files/own-names.ts'
import { toFilePath } from '../../files/path-text.ts'
import type { TreatContext } from '../context.ts'
import { stepDone } from '../context.ts'
import { openRegular } from '../target.ts'

const mostBytes = 1024 * 1024
/** What is taken out is kept whole in the journal: longer lines, and more of them, are left to a person. */
const mostLineBytes = 3_000
const mostLines = 1_000

export interface EditedFile {
  readonly detectionId: DetectionId
  readonly file: Buffer
}

/** Does nothing where no line is `unwanted`, or where the file is not there or cannot be changed. */
export async function removeLines(
  context: TreatContext,
  edited: EditedFile,
  unwanted: (line: string) => boolean,
): Promise<void> {
  try {
    await withParent(edited.file, (folder, name) => edit(context, edited, { folder, name, unwanted }))
  } catch (error) {
    // Not there, a link, not ours to change: what is loaded from it has no file any more.
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
}

interface Edit {
  readonly folder: Folder
  readonly name: Buffer
  readonly unwanted: (line: string) => boolean
}

async function edit(context: TreatContext, edited: EditedFile, { folder, name, unwanted }: Edit): Promise<void> {
  const fd = openRegular(folder, name)
  try {
    const stat = fstatSync(fd, { bigint: true })
    // Byte for byte: latin1 keeps them all.
    const lines = (await readWhole(fd, mostBytes)).toString('latin1').split(/(?<=\n)/)
    const removed = lines.filter(unwanted)
    if (removed.length === 0 || removed.length > mostLines) return
    if (removed.some((line) => line.length > mostLineBytes)) return
    const temp = temporaryName()
    context.log.add({
      kind: 'editing',
      detectionId: edited.detectionId,
      file: toFilePath(edited.file),
      temp: toFilePath(temp),
      removed: removed.map((line) => Buffer.from(line, 'latin1').toString('base64')),
    })
    await stepDone(context, 'editing')
    const text = lines.filter((line) => !unwanted(line)).join('')
    writeBeside(folder, temp, { text, like: fd, calls: context.ports.machine.calls })
    const now = folder.lstatIfThere(name)
    const isSame = now?.ino === stat.ino && now.mtimeNs === stat.mtimeNs && now.size === stat.size
    if (isSame) folder.rename(temp, folder, name)
    else folder.unlink(temp)
    folder.sync()
    await stepDone(context, 'edited')
  } finally {
    closeSync(fd)
  }
}

interface NewContent {
  readonly text: string
  /** Owner, rights and attributes are this file's. */
  readonly like: number
  readonly calls: LinuxCalls | null
}

function writeBeside(folder: Folder, temp: Buffer, { text, like, calls }: NewContent): void {
  const { uid, gid, mode } = fstatSync(like)
  const fd = folder.createFile(temp)
  try {
    writeAll(fd, Buffer.from(text, 'latin1'))
    fchownSync(fd, uid, gid)
    fchmodSync(fd, mode & 0o7777)
    for (const attribute of calls?.attributes(like) ?? []) calls?.setAttribute(fd, attribute)
    fsyncSync(fd)
  } catch (error) {
    folder.unlink(temp)
    throw error
  } finally {
    closeSync(fd)
  }
}

/** After a crash: what was written beside a file and did not take its place. */
export async function dropEdit(file: Buffer, temp: Buffer): Promise<void> {
  try {
    await withParent(file, (folder) => {
      if (folder.lstatIfThere(temp)?.isFile() === true) folder.unlink(temp)
    })
  } catch (error) {
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
}
