import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { defaultScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import { createLab, exists, infectedContent, type Lab } from './treat/testing/treatment-lab.ts'
import { createTreatment, type Treatment, type TreatmentPorts } from './treatment.ts'

let lab: Lab
beforeEach(() => {
  lab = createLab()
})
afterEach(() => lab.remove())

function treatment(ports: TreatmentPorts = {}): Treatment {
  return createTreatment({
    config: {
      protocol: 1,
      dataDir: join(lab.root, 'engine'),
      databasesDir: null,
      vaultKey: randomBytes(32).toString('base64'),
      quarantineBytes: 1_000_000_000,
      retentionDays: 30,
      guardedDirs: [join(lab.files, 'portal')],
      scanner: defaultScannerConfig,
      workers: 1,
    },
    installation: [],
    rescan: () => Promise.resolve(null),
    recipes: () => [],
    ports,
  })
}

it('is closed after the act that is under way, and carries out nothing any more', async () => {
  let goOn: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const made = treatment({ onStep: (step) => (step === 'stored' ? held : undefined) })
  const file = lab.write('evil', infectedContent())
  const order = await lab.order(file)
  const acting = made.treat(order)
  let isClosed = false
  const closing = made.close().then(() => {
    isClosed = true
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isClosed).toBe(false)
  goOn()
  expect(await acting).toMatchObject({ status: 'deleted' })
  await closing
  expect(exists(file)).toBe(false)
  await expect(made.treat(order)).rejects.toMatchObject({ code: 'engine-unavailable' })
})

it('never treats what lies in a guarded folder, also one that was made later', async () => {
  const made = treatment()
  mkdirSync(join(lab.files, 'portal'))
  const file = join(lab.files, 'portal', 'evil')
  const content = infectedContent()
  writeFileSync(file, content)
  const order = await lab.order(file)
  expect(await made.treat(order)).toEqual({ status: 'protected', reason: 'own-data' })
  expect(readFileSync(file).equals(content)).toBe(true)
  await made.close()
})
