import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { systemBoot } from './boot.ts'

it.runIf(process.platform === 'linux')('names this start of the machine, the same at every look', () => {
  const [id, started, ...rest] = systemBoot.token().split(' ')
  expect(id).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  expect(started).toMatch(/^\d+$/)
  expect(rest).toEqual([])
  expect(systemBoot.token()).toBe(systemBoot.token())
})
