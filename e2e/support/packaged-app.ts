// Packages the app as `npm run package` does, and looks into what came out.
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { listPackage } from '@electron/asar'

export interface PackagedApp {
  readonly folder: string
  readonly program: string
  readonly archive: string
}

const root = join(import.meta.dirname, '..', '..')

/** `tested` differs from the release by one fuse, without which Playwright cannot drive it. */
export async function packageApp(flavour: 'release' | 'tested'): Promise<PackagedApp> {
  const flags = flavour === 'tested' ? ['--e2e'] : []
  await promisify(execFile)(process.execPath, [join(root, 'build/package.mjs'), ...flags, '--linux', 'dir'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
    // The runtime that is there: with the temporary home of a test session another one would be looked for and linked.
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: realpathSync(join(root, 'node_modules/electron/dist')) },
  })
  const folder = join(root, flavour === 'tested' ? 'release/e2e/linux-unpacked' : 'release/linux-unpacked')
  return { folder, program: join(folder, 'remote-protection'), archive: join(folder, 'resources/app.asar') }
}

interface FuseProfiles {
  readonly RELEASE_FUSES: Readonly<Record<string, boolean>>
  readonly TESTED_FUSES: Readonly<Record<string, boolean>>
  wrongFuses(program: string, wanted: Readonly<Record<string, boolean>>): Promise<string[]>
}

/** The profiles that the packaging itself checks against; a plain script without types. */
export async function fuseProfiles(): Promise<FuseProfiles> {
  return (await import(pathToFileURL(join(root, 'build/fuses.mjs')).href)) as FuseProfiles
}

/** Paths inside the archive. */
export function packagedFiles({ archive }: PackagedApp): string[] {
  return listPackage(archive, { isPack: false })
}
