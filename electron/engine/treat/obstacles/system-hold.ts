// What of the system itself goes on using a file that is being removed: a kernel module loaded from it, the boot image.
// Lets go of what can be let go; never touches processes (holders.ts).
import type { RestartReason, TreatmentOrder } from '#shared/domain/treatment.ts'
import { toBytes } from '../../files/path-text.ts'
import type { TreatContext } from '../context.ts'
import { isInBootImage } from './boot-image.ts'
import { isLoaded, loadedModuleOf, unloadModule } from './kernel-module.ts'

export interface SystemHold {
  readonly reason: Extract<RestartReason, 'module' | 'boot'>
  /** Name of the kernel module. */
  readonly module?: string
}

/** Undefined when nothing does, or does any more. `fd`: the file, open. */
export async function systemHold(
  context: TreatContext,
  { order, fd }: { readonly order: TreatmentOrder; readonly fd: number },
): Promise<SystemHold | undefined> {
  const { machine } = context.ports
  const path = toBytes(order.object.path)
  const module = await loadedModuleOf(machine, fd, path)
  if (module !== undefined) {
    if (!unloadModule(machine, module)) return { reason: 'module', module }
  }
  return isInBootImage(path) ? { reason: 'boot' } : undefined
}

/** True when the module of a record is still, or again, in the kernel and stays there. */
export function isModuleLeft({ ports: { machine } }: TreatContext, module: string | undefined): boolean {
  return module !== undefined && isLoaded(machine, module) && !unloadModule(machine, module)
}
