import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asOrdinaryUser, isRoot } from '../testing/ordinary-user.ts'
import { canElevate } from './offer.ts'

const polkit = resolve('resources/polkit')

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'offer-'))
  chmodSync(root, 0o755)
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, content: string, mode = 0o644): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

describe.runIf(isRoot)('continuing as administrator', () => {
  const policy = 'usr/share/polkit-1/actions/org.remote-protection.treat.policy'
  let helper = ''
  let program = ''
  beforeEach(() => {
    helper = put('opt/app/resources/polkit/treat-helper', '#!/bin/sh\n', 0o755)
    program = put('opt/app/program', '', 0o755)
    put('usr/bin/pkexec', '', 0o4755)
    put(policy, `<annotate key="org.freedesktop.policykit.exec.path">${helper}</annotate>`)
    // The kernel keeps fifteen bytes of a name.
    put('proc/12/comm', 'polkit-kde-auth\n')
    chownSync(join(root, 'proc/12'), 65_534, 65_534)
  })
  const isOffered = () => asOrdinaryUser(() => canElevate({ helper, program, root }))

  it('is offered where polkit, its policy, the helper and somebody who shows the question are there', async () => {
    expect(await isOffered()).toBe(true)
    expect(canElevate({ helper, program, root })).toBe(false)
  })

  it.each<readonly [string, () => void]>([
    ['there is no pkexec', () => rmSync(join(root, 'usr/bin/pkexec'))],
    ['pkexec gives no rights', () => chmodSync(join(root, 'usr/bin/pkexec'), 0o755)],
    ['the policy is not installed', () => rmSync(join(root, policy))],
    ['the policy is about another helper', () => put(policy, '<annotate>/opt/other/treat-helper</annotate>')],
    ['nobody would show the question', () => put('proc/12/comm', 'bash\n')],
    ['the one who shows questions is of another session', () => chownSync(join(root, 'proc/12'), 0, 0)],
    ['the helper is not there', () => rmSync(helper)],
    ['others may write to the helper', () => chmodSync(helper, 0o775)],
    ['others may replace the helper', () => chmodSync(dirname(helper), 0o777)],
    ['the program is of somebody else', () => chownSync(program, 65_534, 65_534)],
    [
      'the helper is behind a link',
      () => {
        rmSync(join(root, 'opt/app/resources/polkit'), { recursive: true })
        symlinkSync(polkit, join(root, 'opt/app/resources/polkit'))
      },
    ],
  ])('is not offered where %s', async (_why, change) => {
    change()
    expect(await isOffered()).toBe(false)
  })
})

describe('what is installed for it', () => {
  it('starts the program of the package, with nothing of the caller but the path that was shown', () => {
    const starter = put('app/resources/resources/polkit/treat-helper', '', 0o755)
    copyFileSync(join(polkit, 'treat-helper'), starter)
    put(
      'app/remote-protection',
      '#!/bin/sh\nprintf "%s\\n" "$@"\necho --\n/usr/bin/env | /usr/bin/sort\n/usr/bin/cat\n',
      0o755,
    )
    const hostile = '--user-data-dir=/etc; touch /tmp/evil'
    const env = { PATH: `${root}/evil`, LD_PRELOAD: '/tmp/evil.so', NODE_OPTIONS: '--require=/tmp/evil', HOME: root }
    const ended = spawnSync('/bin/sh', [starter, hostile, '--inspect'], { input: 'request', encoding: 'utf8', env })
    const [args = '', rest = ''] = ended.stdout.split('\n--\n')
    expect(args.split('\n')).toEqual([
      '--treat-helper',
      '--no-sandbox',
      '--no-zygote',
      '--headless',
      '--disable-gpu',
      '--user-data-dir=/run/remote-protection-helper',
    ])
    expect(rest.split('\n').filter((line) => !/^(PWD|SHLVL|_)=/.test(line))).toEqual([
      'HOME=/root',
      'LC_ALL=C.UTF-8',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      `TREAT_HELPER_PATH=${hostile}`,
      'request',
    ])
  })

  it('is a policy that asks for an administrator each time, for the place that the package puts the starter in', () => {
    const policy = readFileSync(join(polkit, 'org.remote-protection.treat.policy'), 'utf8')
    const builder = readFileSync(resolve('electron-builder.yml'), 'utf8')
    const name = /^productName: (.+)$/m.exec(builder)?.[1]
    expect(policy).toContain(`exec.path">/opt/${name}/resources/resources/polkit/treat-helper<`)
    expect(policy).toMatch(/<allow_any>no<.*<allow_inactive>no<.*<allow_active>auth_admin</s)
    expect(builder).toContain('resources/polkit/org.remote-protection.treat.policy=/usr/share/polkit-1/actions/')
    expect(statSync(join(polkit, 'treat-helper')).mode & 0o111).toBe(0o111)
  })
})
