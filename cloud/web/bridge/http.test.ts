// Addresses of requests: names filled in and escaped, missing query values left out.
import { describe, expect, it } from 'vitest'
import { routeUrl } from './http.ts'

describe('routeUrl', () => {
  it('fills in and escapes names', () => {
    expect(routeUrl('/api/devices/:deviceId/x', { params: { deviceId: 'a/../b' } })).toBe('/api/devices/a%2F..%2Fb/x')
  })

  it('leaves out what is undefined', () => {
    expect(routeUrl('/api/x', { query: { limit: 50, before: undefined } })).toBe('/api/x?limit=50')
  })
})
