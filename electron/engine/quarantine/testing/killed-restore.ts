// A program: restores the copy named in its arguments to its old place and ends where it is told to (kill-points.ts). When it
// lives to the end it prints the changes it made. Started by restore-log.test.ts.
import { QuarantineId } from '#shared/domain/ids.ts'
import { dieAt } from '../../treat/testing/kill-points.ts'
import { reopenLab } from '../../treat/testing/treatment-lab.ts'
import { quarantineLab } from './quarantine-lab.ts'

const [root = '', id = '', at = '0', half = ''] = process.argv.slice(2)
const { quarantine, restore } = quarantineLab({}, reopenLab(root, {}))
await quarantine.recover()
const changes = dieAt({ at: Number(at), half: half === 'half' })
await restore(QuarantineId.parse(id))
process.stdout.write(JSON.stringify(changes))
