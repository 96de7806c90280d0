import { expect, it } from 'vitest'
import { sourceOfBuffer } from '../files/byte-source.ts'
import { identify } from './identify.ts'
import { unopenedReason } from './unopened.ts'

const noise = Buffer.from(Array.from({ length: 200 }, (_, at) => (at * 89 + 7) & 255))
const packet = (first: number, body: Buffer) => Buffer.concat([Buffer.from([first, body.length]), body])
const password = packet(0x8c, Buffer.from('0409030201020304050607086d', 'hex').subarray(0, 13))
const forSomebody = packet(
  0x84,
  Buffer.concat([Buffer.from('03a1b2c3d4e5f60718', 'hex'), Buffer.from([1]), noise.subarray(0, 80)]),
)
const data = packet(0xd2, Buffer.concat([Buffer.from([1]), noise.subarray(0, 100)]))
const armored = (bytes: Buffer) =>
  `-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PGP MESSAGE-----\n`
const mark = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), noise])
/** `30 length 06 …`: a message of PKCS #7 of this kind. */
const pkcs7 = (oid: string) => Buffer.concat([Buffer.from(`3081c806${oid}a081b0`, 'hex'), noise])

it.each<[string, Buffer | string]>([
  ['a disk of LUKS', mark('LUKS\xba\xbe\0\x02')],
  ['a volume of BitLocker', mark('\xebX\x90-FVE-FS-')],
  ['what openssl locked', mark('Salted__')],
  ['the same in letters', `U2FsdGVkX1${noise.toString('base64')}`],
  ['what age locked', mark('age-encryption.org/v1\n-> X25519 ')],
  ['a file of Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256\n6162636465666768696a6b6c6d6e6f70'],
  ['a message of OpenPGP for who knows a password', Buffer.concat([password, data])],
  ['one for two people', Buffer.concat([forSomebody, forSomebody, data])],
  ['one in letters', armored(Buffer.concat([password, data]))],
  ['one behind other words', `Hello,\nsee below\n${armored(Buffer.concat([forSomebody, data]))}`],
  ['a message of PKCS #7 for somebody', pkcs7('092a864886f70d010703')],
  ['one whose length is open', Buffer.concat([Buffer.from('308006092a864886f70d010703a080', 'hex'), noise])],
])('%s is locked', (_, content) => {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content)
  expect(unopenedReason(bytes, identify(bytes))).toBe('encrypted')
  expect(unopenedReason(sourceOfBuffer(bytes), identify(bytes))).toBe('encrypted')
})

it.each<[string, Buffer | string]>([
  ['noise', noise],
  ['a text about the mark', 'See -----BEGIN PGP MESSAGE----- for how such a message begins.\n'],
  [
    'an example of a message',
    'It looks like this:\n-----BEGIN PGP MESSAGE-----\n\nhello...\n-----END PGP MESSAGE-----\n',
  ],
  ['a public key', packet(0x99, noise.subarray(0, 120))],
  ['a key of a session alone', password],
  ['a signed message of PKCS #7', pkcs7('092a864886f70d010702')],
  ['a certificate', Buffer.concat([Buffer.from('308201a230820108a003020102', 'hex'), noise])],
  ['words that begin like a mark', 'Salted butter is what you want here, and none that is not.\n'],
])('%s is not called locked', (_, content) => {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content)
  expect(unopenedReason(bytes, identify(bytes))).toBeNull()
})
