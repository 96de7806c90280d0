// The folders that a walk has entered, by device and inode: 8 to 16 bytes for each, for there may be millions of them.
// Exact: a folder that is taken for another one would not be looked at.

const firstSlots = 64
/** Odd, so that it goes through all slots; spreads numbers that follow one another. */
const spread = 0x9e3779b1

export class FolderSet {
  readonly #byDevice = new Map<bigint, NumberSet>()

  /** False when it was in it already. */
  add(dev: bigint, ino: bigint): boolean {
    let inodes = this.#byDevice.get(dev)
    if (inodes === undefined) {
      inodes = new NumberSet()
      this.#byDevice.set(dev, inodes)
    }
    return inodes.add(ino)
  }

  has(dev: bigint, ino: bigint): boolean {
    return this.#byDevice.get(dev)?.has(ino) ?? false
  }
}

/** Numbers of 64 bits, open addressing. */
class NumberSet {
  #slots = new BigUint64Array(firstSlots)
  #count = 0
  /** Zero marks an empty slot. */
  #hasZero = false

  add(value: bigint): boolean {
    const wanted = BigInt.asUintN(64, value)
    if (wanted === 0n) {
      const isNew = !this.#hasZero
      this.#hasZero = true
      return isNew
    }
    const at = placeOf(this.#slots, wanted)
    if (this.#slots[at] === wanted) return false
    this.#slots[at] = wanted
    this.#count += 1
    if (this.#count * 4 > this.#slots.length * 3) this.#grow()
    return true
  }

  has(value: bigint): boolean {
    const wanted = BigInt.asUintN(64, value)
    return wanted === 0n ? this.#hasZero : this.#slots[placeOf(this.#slots, wanted)] === wanted
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#slots.length * 2)
    for (const value of this.#slots) if (value !== 0n) larger[placeOf(larger, value)] = value
    this.#slots = larger
  }
}

/** Where a value is, or the empty slot where it would be. */
function placeOf(slots: BigUint64Array, value: bigint): number {
  const mask = slots.length - 1
  let at = Math.imul(Number(value & 0xffffffffn) ^ Number(value >> 32n), spread) >>> 7
  for (at &= mask; ; at = (at + 1) & mask) {
    const there = slots[at]
    if (there === 0n || there === value) return at
  }
}
