import { expect, it } from 'vitest'
import { engineEnvironment, sessionEnvironment } from './child-environment.ts'

const env = {
  PATH: '/usr/bin',
  HOME: '/home/anna',
  NODE_OPTIONS: '--require /tmp/evil.js',
  LD_PRELOAD: '/tmp/evil.so',
  ELECTRON_RUN_AS_NODE: '1',
  SMTP_URL: 'smtp://user:secret@mail',
  GITHUB_TOKEN: 'secret',
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
}

it('the engine gets its folders, and neither tokens nor anything that steers a process', () => {
  const { MALLOC_TRIM_THRESHOLD_: kept, ...rest } = engineEnvironment({ ...env, MALLOC_TRIM_THRESHOLD_: '1' })
  expect(rest).toEqual({ PATH: '/usr/bin', HOME: '/home/anna' })
  // Ours, whatever the session has.
  expect(kept).toBe('131072')
})

it('the keyring process also reaches the session bus', () => {
  expect(sessionEnvironment(env)).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/anna',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
  })
})
