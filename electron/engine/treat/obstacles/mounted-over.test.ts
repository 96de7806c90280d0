// The mount on a file is taken away in the very folder that the file was opened in. Real mounts: mounts.test.ts.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openTarget } from '../target.ts'
import { systemCalls } from '../testing/inode-flags.ts'
import { createLab, infectedContent, type Lab } from '../testing/treatment-lab.ts'
import type { Machine } from './machine.ts'
import { mountedOver } from './mounted-over.ts'

let lab: Lab
afterEach(() => lab.remove())

it.each([
  ['is taken away', false],
  ['stays when another folder has the path by now', true],
])('the mount on a file %s', async (_what, isSwapped) => {
  lab = createLab()
  const folder = join(lab.files, 'folder')
  mkdirSync(folder)
  const file = lab.write('folder/evil', infectedContent())
  const unmounted: string[] = []
  const machine: Machine = {
    calls: { ...systemCalls(), unmount: (path) => void unmounted.push(path.toString()) },
    isRoot: true,
    root: '/',
    read: (path) => (path === '/proc/self/mountinfo' ? `36 35 98:0 / ${file} rw - ext4 /dev/sda rw\n` : ''),
  }
  const target = await openTarget(await lab.order(file))
  try {
    const answer = mountedOver({ errno: 'EBUSY', target, machine })
    if (answer?.kind !== 'clear') throw new Error('not recognised')
    if (isSwapped) {
      renameSync(folder, `${folder}-moved`)
      mkdirSync(folder)
      writeFileSync(file, 'another')
      expect(answer.clear).toThrow('ESTALE')
    } else answer.clear()
    expect(unmounted).toHaveLength(isSwapped ? 0 : 1)
  } finally {
    target.close()
  }
})
