// Which active infection was treated before a restart, so that it can be told afterwards what came of it. Owns the document.
import type { DetectionId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import { InfectionFile } from '#shared/files/infection-file.ts'
import type { BootPort, LogPort } from '../ports.ts'
import type { Storage } from '../storage/storage.ts'

export interface AfterRestart {
  load(): Promise<void>
  /** What cannot be kept is not told after the restart; nothing else depends on it. */
  keep(ids: readonly DetectionId[]): Promise<void>
  /** What is kept of this boot. */
  ids(): readonly DetectionId[]
  /** There is nothing to tell after the restart any more. */
  forget(): Promise<void>
  /** What was kept in an earlier boot, once; null: nothing, or the computer was not restarted since. */
  take(): Promise<{ readonly ids: readonly DetectionId[]; readonly total: number } | null>
}

export interface AfterRestartDeps {
  readonly storage: Storage
  readonly boot: BootPort
  readonly log: LogPort
}

const kept = 100

export function createAfterRestart({ storage, boot, log }: AfterRestartDeps): AfterRestart {
  let file: InfectionFile = { version: 1, afterRestart: null }
  let write: (value: InfectionFile) => Promise<void> = async () => undefined

  async function save(afterRestart: InfectionFile['afterRestart']): Promise<void> {
    file = { version: 1, afterRestart }
    await write(file).catch((error: unknown) => log.error('infection not recorded', { code: codeOf(error) }))
  }

  return {
    async load() {
      const opened = await storage.openDocument('infection.json', InfectionFile)
      write = opened.save
      file = opened.value ?? file
    },
    keep: (ids) => save({ bootToken: boot.token(), ids: ids.slice(0, kept), total: ids.length }),
    ids: () => (file.afterRestart?.bootToken === boot.token() ? file.afterRestart.ids : []),
    forget: () => save(null),
    async take() {
      const before = file.afterRestart
      if (before === null || before.bootToken === boot.token()) return null
      await save(null)
      return before
    },
  }
}
