// The folders of a portal on this computer, which no scan and no treatment touches.
import { expect, it, vi } from 'vitest'

vi.mock('electron', () => ({ Notification: class {}, utilityProcess: {}, app: {} }))

it('guards the usual folder of a portal, and the one it was given', async () => {
  const { portalFolders } = await import('./client-ports.ts')
  const input = { platform: 'linux', home: '/home/anna', env: {} } as const
  const [usual] = portalFolders(input)
  expect(usual).toMatch(/^\/home\/anna\/\.local\/share\/[^/]+\/portal$/)
  const env = { PORTAL_DATA_DIR: '/srv/portal', PROTECTION_DATA_DIR: '/tmp/app' }
  expect(portalFolders({ ...input, env })).toEqual(['/srv/portal', usual])
  expect(portalFolders({ ...input, env: { XDG_DATA_HOME: '/data' } })[0]).toMatch(/^\/data\/[^/]+\/portal$/)
})
