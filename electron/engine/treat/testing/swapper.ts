// A process that swaps names as fast as it can while something is treated or restored: what an attacker on the same computer
// does. Used by tests only; ends by itself after half a minute.
import { type ChildProcess, spawn } from 'node:child_process'

/** Renames and links in the order in which they are tried over and over; a failed one does not stop the rest. */
export type SwapStep =
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  | { readonly do: 'link'; readonly at: string; readonly to: string }
  | { readonly do: 'unlink'; readonly at: string }
  /** A rename that replaces nothing, so that what is lost was not lost by the opponent. */
  | { readonly do: 'move'; readonly from: string; readonly to: string }

export interface Swapper {
  /** Ends it; how many rounds it did. */
  stop(): Promise<number>
}

const program = `
const fs = require('node:fs')
const steps = JSON.parse(process.argv[1])
let rounds = 0
setTimeout(() => process.exit(1), 30000)
process.on('SIGTERM', () => { process.stdout.write(String(rounds)); process.exit(0) })
const one = (step) => {
  try {
    if (step.do === 'rename') fs.renameSync(step.from, step.to)
    else if (step.do === 'move') { fs.linkSync(step.from, step.to); fs.unlinkSync(step.from) }
    else if (step.do === 'link') fs.symlinkSync(step.to, step.at)
    else if (fs.lstatSync(step.at).isSymbolicLink()) fs.unlinkSync(step.at)
  } catch {}
}
const turn = () => {
  if (rounds === 0) process.stdout.write('begun ')
  for (let i = 0; i < 20; i += 1) { for (const step of steps) one(step); rounds += 1 }
  setImmediate(turn)
}
turn()
`

/** A folder or file at `name` that is a link to `victim` in between; the real one lies at `aside` then. */
export function linkInBetween(name: string, aside: string, victim: string): SwapStep[] {
  return [
    { do: 'rename', from: name, to: aside },
    { do: 'link', at: name, to: victim },
    { do: 'unlink', at: name },
    { do: 'rename', from: aside, to: name },
  ]
}

/** Resolves when it has begun. */
export function startSwapper(steps: readonly SwapStep[]): Promise<Swapper> {
  const child = spawn(process.execPath, ['-e', program, JSON.stringify(steps)], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdout.on('data', (data) => {
      text += String(data)
      resolve({ stop: () => ended(child, () => Number(text.split(' ')[1])) })
    })
  })
}

function ended(child: ChildProcess, rounds: () => number): Promise<number> {
  return new Promise((resolve) => {
    child.once('close', () => resolve(rounds()))
    child.kill('SIGTERM')
  })
}
