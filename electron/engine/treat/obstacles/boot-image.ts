// Files that go into the image the machine boots from: a copy stays in it when they are removed, until it is made anew.
// Never touches the image.
import { within } from '../guard.ts'

const sources = [
  '/etc/initramfs-tools',
  '/usr/share/initramfs-tools',
  '/etc/dracut.conf',
  '/etc/dracut.conf.d',
  '/usr/lib/dracut',
  '/etc/mkinitcpio.conf',
  '/etc/mkinitcpio.conf.d',
  '/etc/mkinitcpio.d',
  '/etc/initcpio',
  '/usr/lib/initcpio',
].map((path) => Buffer.from(path))

export function isInBootImage(path: Buffer): boolean {
  return within(path, sources)
}
