// What the environment may say, and what it is told when it is wrong.
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test('nothing set: this computer alone, in the platform’s data folder', () => {
  expect(readConfig({ XDG_DATA_HOME: '/data', PORTAL_URL: '' })).toEqual({
    port: 4180,
    publicUrl: null,
    dataDir: '/data/remote-protection/portal',
    databaseUrl: null,
    smtpUrl: null,
    mailFrom: 'My Kaspersky <no-reply@localhost>',
    trustedProxies: [],
    logLevel: 'info',
  })
})

test('a public portal', () => {
  const config = readConfig({
    PORTAL_URL: 'https://my.example.com/',
    PORTAL_TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16',
    PORTAL_PORT: '0',
    PORTAL_LOG_LEVEL: 'debug',
  })
  expect(config).toMatchObject({
    publicUrl: 'https://my.example.com',
    trustedProxies: ['10.0.0.1', '10.1.0.0/16'],
    port: 0,
    logLevel: 'debug',
  })
})

test.each([
  [{ PORTAL_PORT: '70000' }, 'PORTAL_PORT is not a port number'],
  [{ PORTAL_URL: 'https://x/path' }, 'PORTAL_URL must be an address'],
  [{ PORTAL_URL: 'http://my.example.com' }, 'must use https'],
  [{ PORTAL_URL: 'https://my.example.com' }, 'PORTAL_TRUSTED_PROXIES'],
  [{ SMTP_URL: 'mail.example.com' }, 'SMTP_URL must start with smtp://'],
  [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must start with postgres://'],
  [{ PORTAL_LOG_LEVEL: 'loud' }, 'PORTAL_LOG_LEVEL must be one of'],
  [{ PORTAL_DATA_DIR: 'relative' }, 'PORTAL_DATA_DIR must be an absolute path'],
])('%j is refused with a sentence', (env, sentence) => {
  expect(() => readConfig(env)).toThrow(ConfigError)
  expect(() => readConfig(env)).toThrow(sentence)
})
