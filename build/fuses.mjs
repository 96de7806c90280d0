// Reads back which fuses a packaged binary really has, and compares them with the profile it was to get.
// It never changes a binary; electron-builder flips the fuses.
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'

// How the wire inside the binary writes a state: as a character.
const ON = '1'.charCodeAt(0)
const OFF = '0'.charCodeAt(0)

const OPTION_OF = {
  runAsNode: FuseV1Options.RunAsNode,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
}

/** What a release must have; a test compares it with electron-builder.yml. */
export const RELEASE_FUSES = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
}

/** The one difference of the tested flavour: Playwright drives the app through the inspector. */
export const TESTED_FUSES = { ...RELEASE_FUSES, enableNodeCliInspectArguments: true }

/** The names of the fuses whose state in the binary is not the wanted one. */
export async function wrongFuses(executable, wanted) {
  const wire = await getCurrentFuseWire(executable)
  return Object.entries(wanted)
    .filter(([name, on]) => wire[OPTION_OF[name]] !== (on ? ON : OFF))
    .map(([name]) => name)
}
