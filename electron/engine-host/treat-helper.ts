// Entry of the helper that acts as administrator for one object. Started by polkit through resources/polkit/treat-helper, as a mode
// of the app's own program without windows. Everything it does is in the engine's treat/elevation.
import { runHelper } from '../engine/treat/elevation/helper-program.ts'
import { installationFolders, resourcesPath } from './installation.ts'

await runHelper({
  base: '/var/lib/remote-protection/helper',
  installation: installationFolders({
    moduleDir: import.meta.dirname,
    execPath: process.execPath,
    resourcesPath: resourcesPath(),
  }),
  shownPath: process.env.TREAT_HELPER_PATH ?? '',
})
process.exit(0)
