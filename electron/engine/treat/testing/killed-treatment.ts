// A program: carries out the order in `ROOT/order.json` and ends where it is told to (kill-points.ts). When it lives to the end
// it prints the changes it made. Started by kill-points.test.ts and `npm run fuzz`'s long walk of kill points.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TreatmentOrder } from '#shared/domain/treatment.ts'
import { dieAt } from './kill-points.ts'
import { actIn, scenarioNamed } from './kill-scenarios.ts'
import { reopenLab } from './treatment-lab.ts'

const [root = '', name = '', at = '0', half = ''] = process.argv.slice(2)
const scenario = scenarioNamed(name)
const order = TreatmentOrder.parse(JSON.parse(readFileSync(join(root, 'order.json'), 'utf8')))
const changes = dieAt({ at: Number(at), half: half === 'half' })
const lab = reopenLab(root, scenario.options?.(root) ?? {})
await actIn(scenario, lab, order)
lab.vault.close()
lab.treater.close()
process.stdout.write(JSON.stringify(changes))
