// What the fuzzer runs: a name, a way to make an input from random numbers, and a check that throws when a rule is broken.
// Types only.
import type { Random } from './random.ts'

export interface Target {
  /** `zip-stored`; what stands before the first `-` is its format. */
  readonly name: string
  readonly group: string
  /** Inputs of a short run. */
  readonly count: number
  /** Most processor time that one input may take. */
  readonly mostCpuMs: number
  open(): Promise<Probe>
}

export interface Probe {
  input(random: Random, index: number): Buffer
  /** Throws when a rule is broken. `index`: of the input, for what is done for a part of them only. */
  check(input: Buffer, random: Random, index: number): Promise<void>
  close(): void
}

/** One input of one target: everything that is needed to make it again. */
export interface Place {
  readonly target: string
  readonly seed: number
  readonly index: number
}

/** `zip-stored:1:17`, as it is given to `--replay`. */
export function placeText({ target, seed, index }: Place): string {
  return `${target}:${seed}:${index}`
}

/** Null for what is no place. */
export function readPlace(text: string): Place | null {
  const [, target = '', seed = '', index = ''] = /^([\w-]+):(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  return target === '' ? null : { target, seed: Number(seed), index: Number(index) }
}
