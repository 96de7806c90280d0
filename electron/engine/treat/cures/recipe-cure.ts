// Makes a program whole again by a recipe of the databases: pieces that a virus moved go back, what it added goes.
// A recipe can only use what is in the file and in itself; what comes out has to be a whole program. Where recipes disagree
// there is no cure.
import { createHash } from 'node:crypto'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { ownFindings } from '../whole.ts'
import type { Cure, CureResult } from './cure.ts'
import { isWholeProgram } from './program-check.ts'

export const recipeCure: Cure = {
  applies: (object) => ownFindings(object).length > 0,
  cure: ({ bytes, object, recipes }) => {
    const threats = ownFindings(object).map(({ threat }) => threat)
    let result: Buffer | undefined
    for (const recipe of recipes) {
      if (!threats.some((threat) => isAbout(recipe, threat)) || !matches(recipe, bytes)) continue
      const made = applied(recipe, bytes)
      if (made === undefined) continue
      if (result !== undefined && !result.equals(made)) return none('recipes disagree')
      result = made
    }
    if (result === undefined) return none('no recipe')
    return { kind: 'cured', bytes: result, companions: Number.POSITIVE_INFINITY }
  },
}

const none = (reason: string): CureResult => ({ kind: 'no-cure', reason })

function isAbout({ threat }: CureRecipe, name: string): boolean {
  return threat.endsWith('*') ? name.startsWith(threat.slice(0, -1)) : name === threat
}

function matches({ size, match }: CureRecipe, bytes: Buffer): boolean {
  if (bytes.length < (size?.min ?? 0) || bytes.length > (size?.max ?? bytes.length)) return false
  return match.every(({ at, bytes: pattern }) => {
    const from = placeIn(bytes.length, at)
    for (let index = 0; index < pattern.length / 2; index += 1) {
      const digits = pattern.slice(index * 2, index * 2 + 2)
      if (digits !== '??' && bytes[from + index] !== Number.parseInt(digits, 16)) return false
    }
    return true
  })
}

/** What the recipe makes of it; undefined when that is no whole program, or a place is outside. */
function applied(recipe: CureRecipe, infected: Buffer): Buffer | undefined {
  const length = lengthAfter(recipe, infected)
  if (length === undefined || length < 1 || length > infected.length) return undefined
  const whole = Buffer.from(infected)
  for (const [from, count, to] of recipe.restore ?? []) {
    const [start, target] = [placeIn(infected.length, from), placeIn(infected.length, to)]
    const bytes = count > 0 ? count : infected.length + count - start
    if (bytes < 1 || !isInside(infected, start, bytes) || !isInside(infected, target, bytes)) return undefined
    infected.copy(whole, target, start, start + bytes)
  }
  const result = whole.subarray(0, length)
  for (const fixup of recipe.fixups ?? []) {
    const at = placeIn(length, fixup.at)
    const written = 'zeros' in fixup ? Buffer.alloc(Math.min(fixup.zeros, length)) : Buffer.from(fixup.bytes, 'hex')
    if (!isInside(result, at, 'zeros' in fixup ? fixup.zeros : written.length)) return undefined
    written.copy(result, at)
  }
  return isGood(recipe, result, infected) ? result : undefined
}

function lengthAfter({ truncate }: CureRecipe, infected: Buffer): number | undefined {
  if (truncate === undefined) return infected.length
  if (typeof truncate === 'number') return truncate > 0 ? truncate : infected.length + truncate
  const at = placeIn(infected.length, truncate.at)
  if (!isInside(infected, at, truncate.bytes)) return undefined
  return truncate.bytes === 8 ? Number(infected.readBigUInt64LE(at)) : infected.readUIntLE(at, truncate.bytes)
}

function isGood({ format, sha256After }: CureRecipe, result: Buffer, infected: Buffer): boolean {
  if (result.equals(infected) || !isWholeProgram(result, format)) return false
  return sha256After === undefined || createHash('sha256').update(result).digest('hex') === sha256After
}

function placeIn(length: number, at: number): number {
  return at < 0 ? length + at : at
}

function isInside(bytes: Buffer, at: number, count: number): boolean {
  return at >= 0 && at + count <= bytes.length
}
