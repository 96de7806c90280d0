// Called by electron-builder once the app's folder is complete: removes what came along with the runtime and is not ours.
import { rmSync } from 'node:fs'
import path from 'node:path'

export default async function afterPack(context) {
  rmSync(path.join(context.appOutDir, 'resources/default_app.asar'), { force: true })
  rmSync(path.join(context.appOutDir, 'version'), { force: true })
}
