// What 7-Zip makes of a container, for tests: another program than ours decides whether it is whole.
import { limitsWith } from '../../limits/limits.ts'
import { Budget } from '../../unpack/budget.ts'
import { SevenZip } from '../../unpack/seven-zip-runtime.ts'

/** Contents by paths. Throws when 7-Zip complains; `type` such as `compound`. */
export async function sevenZipped(bytes: Buffer, type: string): Promise<Map<string, Buffer>> {
  const instance = await SevenZip.create()
  const run = instance.run(['x', '-y', '-bd', '-o/out', `-t${type}`], bytes, new Budget(limitsWith()))
  const files = [...instance.takeFiles()].map(({ name, bytes: content }) => [name, Buffer.from(content)] as const)
  if (run.code !== 0) throw new Error([...run.errors, ...run.lines].join('\n'))
  return new Map(files)
}
