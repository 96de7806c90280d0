import { describe, expect, it } from 'vitest'
import { ExternalPage } from '#shared/ipc/app-contract.ts'
import { externalAddress } from './external-pages.ts'

const context = { portalUrl: 'https://my.example/', deviceId: '0f9b4c62-2e69-4b2e-9d7c-0a1b2c3d4e5f' }

describe('pages outside of the app', () => {
  it('has an address of the portal for every key', () => {
    for (const page of ExternalPage.options) {
      expect(new URL(externalAddress(page, context)).origin).toBe('https://my.example')
    }
    expect(externalAddress('portal-device', context)).toBe(`https://my.example/devices/${context.deviceId}`)
    expect(externalAddress('portal-reset', context)).toBe('https://my.example/forgot-password')
    expect(externalAddress('portal-device', { ...context, deviceId: null })).toBe('https://my.example/')
  })

  it('refuses a key that is not in the map', () => {
    for (const page of ['https://evil.example', '__proto__', 'constructor', 'toString', '']) {
      expect(() => externalAddress(page as ExternalPage, context)).toThrow('bad-request')
    }
  })

  it('refuses a portal that is no web address', () => {
    for (const portalUrl of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', '', 'portal']) {
      expect(() => externalAddress('portal', { portalUrl, deviceId: null })).toThrow('portal-unreachable')
    }
  })

  it('cannot be led elsewhere by the device id', () => {
    const address = externalAddress('portal-device', {
      portalUrl: 'http://localhost:4180',
      deviceId: '//evil.example/../..',
    })
    expect(new URL(address).origin).toBe('http://localhost:4180')
  })
})
