// Makes an image of a small disk with a FAT16 file system and one file in its root. Used by tests only.

const sector = 512
const [reserved, fatSectors, rootEntries, sectors] = [1, 20, 16, 4600]

/** `name`: eleven characters, without the dot. */
export function makeFat(name: string, data: Buffer): Buffer {
  const image = Buffer.alloc(sectors * sector)
  Buffer.from('eb3c904d53444f53352e30', 'hex').copy(image)
  image.writeUInt16LE(sector, 11)
  image[13] = 1
  image.writeUInt16LE(reserved, 14)
  image[16] = 1
  image.writeUInt16LE(rootEntries, 17)
  image.writeUInt16LE(sectors, 19)
  image[21] = 0xf8
  image.writeUInt16LE(fatSectors, 22)
  image.writeUInt16LE(32, 24)
  image.writeUInt16LE(2, 26)
  image[36] = 0x80
  image[38] = 0x29
  image.write('NO NAME    FAT16   ', 43)
  image.writeUInt16LE(0xaa55, 510)
  const table = image.subarray(reserved * sector)
  table.writeUInt16LE(0xfff8, 0)
  table.writeUInt16LE(0xffff, 2)
  const clusters = Math.ceil(data.length / sector)
  for (let at = 0; at < clusters; at += 1) table.writeUInt16LE(at === clusters - 1 ? 0xffff : at + 3, (at + 2) * 2)
  const root = image.subarray((reserved + fatSectors) * sector)
  root.write(name)
  root[11] = 0x20
  root.writeUInt16LE(2, 26)
  root.writeUInt32LE(data.length, 28)
  data.copy(root, rootEntries * 32)
  return image
}
