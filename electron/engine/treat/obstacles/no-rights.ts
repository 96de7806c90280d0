// The folder is not ours to write to, the file has another owner in a folder with the sticky bit, or the like.
// A restart would not help; an administrator would.
import { ProductError } from '#shared/errors.ts'
import type { Obstacle } from './obstacle.ts'

export const noRights: Obstacle = ({ errno, machine }) => {
  const isDenied = errno === 'EACCES' || errno === 'EPERM'
  if (!isDenied || machine.isRoot) return undefined
  return { kind: 'failed', error: new ProductError('needs-administrator', errno) }
}
