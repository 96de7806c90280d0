import { type ChildProcess, spawn } from 'node:child_process'
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLab, infectedContent } from './testing/treatment-lab.ts'

/** Swaps `dir` between the real folder and a link to the victims, as fast as it can, until it is ended (by itself after 30 s). */
const swapper = `
const fs = require('node:fs')
const [dir, real, victims] = process.argv.slice(1)
let swaps = 0
setTimeout(() => process.exit(1), 30000)
process.on('SIGTERM', () => { process.stdout.write(String(swaps)); process.exit(0) })
const turn = () => {
  for (let i = 0; i < 20; i += 1) {
    try { fs.renameSync(dir, real) } catch {}
    try { fs.symlinkSync(victims, dir) } catch {}
    try { fs.unlinkSync(dir) } catch {}
    try { fs.renameSync(real, dir) } catch {}
    swaps += 1
  }
  setImmediate(turn)
}
turn()
`

function ended(child: ChildProcess): Promise<number> {
  let text = ''
  child.stdout?.on('data', (data) => {
    text += String(data)
  })
  return new Promise((resolve) => {
    child.on('close', () => resolve(Number(text)))
    child.kill('SIGTERM')
  })
}

describe('a folder that is swapped for a link again and again while its file is treated', () => {
  it('never leads to the tree behind the link (52)', async () => {
    const lab = createLab()
    const dir = join(lab.files, 'dir')
    const victims = join(lab.files, 'victims')
    mkdirSync(dir)
    mkdirSync(victims)
    const content = infectedContent(200)
    const orders = []
    for (let round = 0; round < 150; round += 1) {
      const name = `evil-${round}`
      writeFileSync(join(dir, name), content)
      // The very same file: its identity does not tell the two names apart, only the walk does.
      linkSync(join(dir, name), join(victims, name))
      orders.push(await lab.order(join(dir, name)))
    }
    const child = spawn(process.execPath, ['-e', swapper, dir, join(lab.files, 'real'), victims], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const seen = new Set<string>()
    // However slow the machine is, this ends; a few treatments in it are enough to go astray.
    const until = Date.now() + 8_000
    for (const order of orders) {
      for (let tries = 0; tries < 30 && Date.now() < until; tries += 1) {
        const outcome = await lab.treater.treat(order)
        seen.add(outcome.status)
        if (outcome.status === 'deleted') break
      }
    }
    expect(await ended(child)).toBeGreaterThan(50)
    for (const name of readdirSync(victims)) expect(readFileSync(join(victims, name)).equals(content)).toBe(true)
    expect(readdirSync(victims)).toHaveLength(150)
    expect([...seen].filter((status) => !['deleted', 'changed', 'gone', 'failed'].includes(status))).toEqual([])
    expect(seen.has('deleted')).toBe(true)
    rmSync(victims, { recursive: true })
    lab.remove()
  }, 60_000)
})
