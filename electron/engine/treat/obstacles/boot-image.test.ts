import { expect, it } from 'vitest'
import { isInBootImage } from './boot-image.ts'

it('knows what goes into the image that the machine boots from', () => {
  for (const path of ['/etc/initramfs-tools/hooks/evil', '/usr/lib/dracut/modules.d/99evil/run.sh', '/etc/dracut.conf'])
    expect(isInBootImage(Buffer.from(path))).toBe(true)
  for (const path of ['/etc/initramfs-tools-not/x', '/home/me/etc/initramfs-tools/x', '/etc/dracut.conf.bak'])
    expect(isInBootImage(Buffer.from(path))).toBe(false)
})
