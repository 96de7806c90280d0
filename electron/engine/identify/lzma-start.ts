// Tells whether LZMA data begins behind a header of the format that has no mark, by decoding its beginning: nothing else says
// that these bytes are not something else. Makes a few kilobytes and keeps nothing. Source: LZMA specification (7-Zip).

const headerBytes = 13
/** So much of the packed data is tried, and so much is made of it. */
const [mostPacked, mostMade] = [4096, 64 * 1024]
/** Of fewer bytes that end early nobody can say what they are. */
const fewBytes = 64

/** Properties, a usual dictionary, a size below 2^56 or unknown, and data that can be decoded to more than zeros. */
export function startsLzma(bytes: Buffer): boolean {
  const properties = bytes[0] ?? 255
  if (bytes.length < headerBytes + 5 || properties >= 225 || bytes[headerBytes] !== 0) return false
  const dictionary = bytes.readUInt32LE(1)
  const size = bytes.readBigUInt64LE(5)
  const isSize = size === 0xffff_ffff_ffff_ffffn || (size > 0n && size < 1n << 56n)
  if (!isUsual(dictionary) || !isSize) return false
  const data = bytes.subarray(headerBytes, headerBytes + mostPacked)
  return new LzmaStart(data, properties, dictionary).canBe(Number(size))
}

/** 2^n or 3 * 2^n from 4 KB on, or the largest. */
function isUsual(dictionary: number): boolean {
  if (dictionary === 0xffffffff) return true
  const top = 2 ** (31 - Math.clz32(dictionary))
  return dictionary >= 4096 && (dictionary === top || dictionary === top * 1.5)
}

/** Where the probabilities of each kind of decision begin. */
const place = {
  match: 0,
  repeat: 192,
  repeat0: 204,
  repeat1: 216,
  repeat2: 228,
  short: 240,
  slot: 432,
  special: 688,
  align: 816,
  length: 832,
  repeatLength: 1346,
  literal: 1860,
} as const

class LzmaStart {
  private readonly data: Buffer
  private readonly dictionary: number
  private readonly lc: number
  private readonly lpMask: number
  private readonly pbMask: number
  private readonly chances: Uint16Array
  private readonly made = Buffer.alloc(mostMade)
  private length = 0
  private state = 0
  private back = [0, 0, 0, 0]
  private at = 5
  private range = 0xffffffff
  private code: number

  constructor(data: Buffer, properties: number, dictionary: number) {
    this.data = data
    this.dictionary = dictionary
    this.lc = properties % 9
    const lp = Math.floor(properties / 9) % 5
    this.lpMask = (1 << lp) - 1
    this.pbMask = (1 << Math.floor(properties / 45)) - 1
    this.chances = new Uint16Array(place.literal + (0x300 << (this.lc + lp))).fill(1024)
    this.code = data.readUInt32BE(1)
  }

  /** False: it breaks a rule, or is nothing but zeros. */
  canBe(size: number): boolean {
    const end = Math.min(size, mostMade)
    let isEnded = false
    while (this.length < end && !isEnded && this.at <= this.data.length) {
      const step = this.step()
      if (step === 'wrong') return false
      isEnded = step === 'end'
    }
    if (this.length < end && !isEnded && this.data.length < fewBytes) return false
    return this.made.subarray(0, this.length).some((byte) => byte !== 0)
  }

  private step(): 'made' | 'end' | 'wrong' {
    const { state } = this
    const position = this.length & this.pbMask
    if (this.bit(place.match + state * 16 + position) === 0) {
      this.literal()
      return 'made'
    }
    if (this.bit(place.repeat + state) === 0) return this.match(position)
    if (this.length === 0) return 'wrong'
    const isFirst = this.bit(place.repeat0 + state) === 0
    if (isFirst && this.bit(place.short + state * 16 + position) === 0) {
      this.state = state < 7 ? 9 : 11
      return this.copy(1)
    }
    if (!isFirst) this.chooseRepeated(state)
    const length = this.lengthAt(place.repeatLength, position)
    this.state = state < 7 ? 8 : 11
    return this.copy(length)
  }

  private chooseRepeated(state: number): void {
    const which = this.bit(place.repeat1 + state) === 0 ? 1 : 2 + this.bit(place.repeat2 + state)
    const [chosen = 0] = this.back.splice(which, 1)
    this.back.unshift(chosen)
  }

  private match(position: number): 'made' | 'end' | 'wrong' {
    const length = this.lengthAt(place.length, position)
    this.state = this.state < 7 ? 7 : 10
    const distance = this.distance(Math.min(length - 2, 3))
    if (distance === 0xffffffff) return 'end'
    this.back = [distance, ...this.back.slice(0, 3)]
    return this.copy(length)
  }

  private copy(length: number): 'made' | 'wrong' {
    const [distance = 0] = this.back
    if (distance >= this.length || distance >= this.dictionary) return 'wrong'
    const end = Math.min(this.length + length, mostMade)
    for (; this.length < end; this.length += 1) this.made[this.length] = this.made[this.length - 1 - distance] ?? 0
    return 'made'
  }

  private literal(): void {
    const before = this.length === 0 ? 0 : (this.made[this.length - 1] ?? 0)
    const kind = ((this.length & this.lpMask) << this.lc) + (before >> (8 - this.lc))
    const base = place.literal + kind * 0x300
    let symbol = 1
    if (this.state >= 7) {
      let other = this.made[this.length - 1 - (this.back[0] ?? 0)] ?? 0
      for (let isSame = true; isSame && symbol < 0x100; other <<= 1) {
        const wanted = (other >> 7) & 1
        const bit = this.bit(base + ((1 + wanted) << 8) + symbol)
        symbol = (symbol << 1) | bit
        isSame = bit === wanted
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(base + symbol)
    this.made[this.length++] = symbol & 0xff
    this.state = this.state < 4 ? 0 : this.state - (this.state < 10 ? 3 : 6)
  }

  private lengthAt(base: number, position: number): number {
    if (this.bit(base) === 0) return 2 + this.tree(base + 2 + (position << 3), 3)
    if (this.bit(base + 1) === 0) return 10 + this.tree(base + 130 + (position << 3), 3)
    return 18 + this.tree(base + 258, 8)
  }

  private distance(length: number): number {
    const slot = this.tree(place.slot + length * 64, 6)
    if (slot < 4) return slot
    const count = (slot >> 1) - 1
    const high = (2 | (slot & 1)) * 2 ** count
    if (slot < 14) return high + this.reverse(place.special + high - slot, count)
    let middle = 0
    for (let bit = 4; bit < count; bit += 1) middle = middle * 2 + this.evenBit()
    return high + middle * 16 + this.reverse(place.align, 4)
  }

  private tree(base: number, bits: number): number {
    let node = 1
    for (let bit = 0; bit < bits; bit += 1) node = (node << 1) | this.bit(base + node)
    return node - (1 << bits)
  }

  private reverse(base: number, bits: number): number {
    let [node, value] = [1, 0]
    for (let at = 0; at < bits; at += 1) {
      const bit = this.bit(base + node)
      node = (node << 1) | bit
      value |= bit << at
    }
    return value
  }

  private bit(chance: number): number {
    const value = this.chances[chance] ?? 1024
    const bound = (this.range >>> 11) * value
    const isSet = this.code >= bound
    this.chances[chance] = isSet ? value - (value >> 5) : value + ((2048 - value) >> 5)
    if (isSet) this.code -= bound
    this.range = isSet ? this.range - bound : bound
    this.fill()
    return isSet ? 1 : 0
  }

  private evenBit(): number {
    this.range = this.range >>> 1
    const isSet = this.code >= this.range
    if (isSet) this.code -= this.range
    this.fill()
    return isSet ? 1 : 0
  }

  private fill(): void {
    if (this.range >= 2 ** 24) return
    this.range = (this.range << 8) >>> 0
    this.code = ((this.code << 8) | (this.data[this.at] ?? 0)) >>> 0
    this.at += 1
  }
}
