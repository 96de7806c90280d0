import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appProtocolHandler, containedFile, contentSecurityPolicy } from './app-protocol.ts'

let folder = ''
beforeAll(() => {
  const base = mkdtempSync(path.join(tmpdir(), 'app-protocol-'))
  folder = path.join(base, 'bundle')
  mkdirSync(path.join(folder, 'assets'), { recursive: true })
  writeFileSync(path.join(folder, 'main.html'), '<meta content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>')
  writeFileSync(path.join(folder, 'assets', 'main-1.js'), 'export const a = "__CSP_NONCE__"')
  writeFileSync(path.join(folder, 'assets', 'a name.css'), 'a{}')
  writeFileSync(path.join(folder, 'assets', 'program.exe'), 'MZ')
  writeFileSync(path.join(base, 'secret.html'), 'secret')
  mkdirSync(path.join(base, 'bundle-beside'))
  writeFileSync(path.join(base, 'bundle-beside', 'x.html'), 'beside')
})
afterAll(() => rmSync(path.dirname(folder), { recursive: true, force: true }))

const get = (url: string, method = 'GET') => appProtocolHandler(folder)({ url, method })

describe('files of the bundle', () => {
  it.each([
    ['app://bundle/main.html', 'text/html; charset=utf-8'],
    ['app://bundle/main.html?x=1#y', 'text/html; charset=utf-8'],
    ['app://bundle/assets/main-1.js', 'text/javascript; charset=utf-8'],
    ['app://bundle/assets/a%20name.css', 'text/css; charset=utf-8'],
    ['app://bundle/assets/../main.html', 'text/html; charset=utf-8'],
  ])('serves %s', async (url, type) => {
    const response = await get(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
  })

  it.each([
    'app://bundle/',
    'app://bundle/missing.html',
    'app://bundle/assets',
    'app://bundle/assets/program.exe',
    'app://bundle/../secret.html',
    'app://bundle/%2e%2e/secret.html',
    'app://bundle/..%2fsecret.html',
    'app://bundle/%2e%2e%2fsecret.html',
    'app://bundle/assets/..%2f..%2fsecret.html',
    'app://bundle/%252e%252e%252fsecret.html',
    'app://bundle/..%5csecret.html',
    'app://bundle/..\\secret.html',
    'app://bundle/..%2fbundle-beside/x.html',
    'app://bundle//etc/passwd',
    'app://bundle/%2fetc/passwd',
    'app://bundle/main.html%00.js',
    'app://bundle/%',
    'app://other/main.html',
    'app://bundle.evil/main.html',
    'app://bundle:80/main.html',
    'file:///etc/passwd',
    'not a url',
  ])('refuses %s', async (url) => {
    const response = await get(url)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
  })

  it('refuses every method but GET', async () => {
    for (const method of ['POST', 'PUT', 'HEAD', 'DELETE']) {
      expect((await get('app://bundle/main.html', method)).status).toBe(404)
    }
  })

  it('keeps to the folder on Windows as well', () => {
    const inside = (url: string) => containedFile('C:\\app\\out', url, path.win32)
    expect(inside('app://bundle/assets/a.js')).toBe('C:\\app\\out\\assets\\a.js')
    for (const url of [
      'D:/x.js',
      'D:%5cx.js',
      'C:%2fWindows%2fwin.ini',
      '..%5c..%5cx.js',
      '%5c%5chost%5cshare',
      'a.js::$DATA',
    ]) {
      expect(inside(`app://bundle/${url}`)).toBeNull()
    }
  })
})

describe('content security policy', () => {
  it('gives each page its own nonce, in the header and in the page', async () => {
    const [one, two] = [await get('app://bundle/main.html'), await get('app://bundle/main.html')]
    const nonceOf = (response: Response) =>
      /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1]
    expect(nonceOf(one)).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(nonceOf(one)).not.toBe(nonceOf(two))
    const page = await one.text()
    expect(page.split(nonceOf(one) ?? '-')).toHaveLength(3)
    expect(page).not.toContain('__CSP_NONCE__')
    expect(await (await get('app://bundle/assets/main-1.js')).text()).toContain('__CSP_NONCE__')
  })

  it('starts from nothing, and has only well-formed directives that a browser knows', () => {
    const policy = contentSecurityPolicy('abc')
    expect(policy.startsWith("default-src 'none'; ")).toBe(true)
    // A colon after a name would make the directive unknown and the policy void.
    for (const directive of policy.split('; ')) expect(directive).toMatch(/^[a-z-]+ '?[^:]+$/)
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/)
  })

  it('comes with refusals too', async () => {
    const response = await get('app://bundle/missing.html')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })
})
