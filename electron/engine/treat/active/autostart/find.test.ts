import { execFileSync } from 'node:child_process'
import fs, { linkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { badPath, createMachine, home, type Machine } from '../testing/machine.ts'

let machine: Machine
beforeEach(() => {
  machine = createMachine()
})
afterEach(() => machine.remove())

/** What would become of a file with this text: its new text, `removed`, or undefined when nothing in it is an entry. */
function afterwards(path: string, text: string): string | undefined {
  machine.write(path, text)
  const found = machine.find().find((one) => one.path === path)
  if (found === undefined) return undefined
  return found.change.kind === 'rewrite' ? found.change.text : 'removed'
}

function unlinked(): string[] {
  return machine.find().flatMap(({ path, change }) => (change.kind === 'unlink' ? [path] : []))
}

const other = '/usr/bin/other'

describe('lines of shells', () => {
  const rc = `${home}/.bashrc`
  const around = (line: string): string => `# mine\nexport PATH=$PATH:/opt/bin\n${line}alias ll='ls -l'\n`

  it.each([
    [badPath],
    [`${badPath} &`],
    [`~/.cache/evil >/dev/null 2>&1 &`],
    ['"$HOME/.cache/evil" --quiet'],
    [`\${HOME}/.cache/evil`],
    ['~u/.cache/../.cache/evil'],
    [`nohup '${badPath}' & disown`],
    [`env -i A=b nice -n 5 ${badPath}`],
    [`(setsid ${badPath} &)`],
    [`sh -c '${badPath} --daemon'`],
    [`bash -lc "cd ~/.cache && ./evil"`],
    [`python3 -W ignore ~/.cache/evil arg`],
    ['perl /home/u/.cache/evil'],
    ['. ~/.cache/evil'],
    ['source "$HOME"/.cache/evil'],
    ['cd ~/.cache && ./evil'],
    ['[ -x ~/.cache/evil ] && ~/.cache/evil'],
    ['pgrep evil >/dev/null || ~/.cache/evil &'],
    ['if [ -f ~/.cache/evil ]; then ~/.cache/evil; fi'],
    ['for i in 1 2; do ~/.cache/evil; done'],
    ['~/.cache/evil \\\n  --with arguments'],
    ['export LD_PRELOAD=/home/u/.cache/evil'],
    ['chmod +x ~/.cache/evil; ~/.cache/evil'],
    ['timeout -k 5 60 ~/.cache/evil'],
    ['~/.cache/evil <<END\nsome\ninput\nEND'],
  ])('%s goes, every other byte stays (59)', (line) => {
    expect(afterwards(rc, around(`${line}\n`))).toBe(around(''))
  })

  it.each([
    [`echo ${badPath}`],
    [`cat ${badPath}`],
    [`${badPath}-not`],
    [`/mnt${badPath}`],
    [`${other} ${badPath}`],
    [`python3 ${other}.py ${badPath}`],
    [`python3 -c 'print(1)' ${badPath}`],
    [`# ${badPath}`],
    [`echo '\n${badPath}\n'`],
    [`cat <<END\n${badPath}\nEND`],
    [`X=${badPath}`],
    [`$UNKNOWN${badPath}`],
    ['./evil'],
    [`case $1 in ${badPath}) ls;; esac`],
    [`LD_PRELOAD=/usr/lib/good.so:${badPath}`],
  ])('%s is no entry and stays', (line) => {
    expect(afterwards(rc, around(`${line}\n`))).toBeUndefined()
  })

  it.each([
    ['if true; then\n  ~/.cache/evil &\nfi\n', 'if true; then\n  : &\nfi\n'],
    ['start() {\n\t~/.cache/evil\n}\nstart\n', 'start() {\n\t:\n}\nstart\n'],
    ['start() { ~/.cache/evil; }\n', 'start() { :; }\n'],
    ['case $- in\n*i*) ~/.cache/evil ;;\n*) other;;\nesac\n', 'case $- in\n*i*) : ;;\n*) other;;\nesac\n'],
    ['other; ~/.cache/evil; more\n', 'other; :; more\n'],
    ['other && ~/.cache/evil\n', 'other && :\n'],
    ['other ||\n  ~/.cache/evil 2>/dev/null\n', 'other ||\n  :\n'],
    ['a=1; ~/.cache/evil <<E; b=2\nx\nE\n', 'a=1; : <<E; b=2\nx\nE\n'],
    ['while sleep 9; do\n~/.cache/evil\ndone &\n', 'while sleep 9; do\n:\ndone &\n'],
  ])('a command among others is taken out alone: %j (59)', (text, expected) => {
    const left = afterwards(rc, text)
    expect(left).toBe(expected)
    execFileSync('/bin/bash', ['-n'], { input: left })
  })

  it('of the system, and a file in profile.d that is there for nothing else', () => {
    expect(afterwards('/etc/profile', `umask 22\n${badPath}\n`)).toBe('umask 22\n')
    expect(afterwards('/etc/profile.d/evil.sh', `#!/bin/sh\n${badPath} &\n`)).toBe('removed')
    expect(afterwards('/etc/profile.d/more.sh', `export A=b\n${badPath} &\n`)).toBe('export A=b\n')
  })

  it('without an end of line, and with those of other systems', () => {
    expect(afterwards(rc, `ls\n${badPath}`)).toBe('ls\n')
    expect(afterwards(rc, `ls\r\n${badPath}\r\nls\r\n`)).toBe('ls\r\nls\r\n')
    expect(afterwards(rc, badPath)).toBe('')
  })

  it('are found through a link to the file and under another name of it', () => {
    machine.link('/opt/run', '/home/u/.cache')
    linkSync(machine.real(badPath), machine.real('/home/u/second'))
    expect(afterwards(rc, '/opt/run/evil\nls\n/home/u/second\n')).toBe('ls\n')
  })
})

describe('jobs of cron', () => {
  it('the line of a job goes, in tables of the system and of people (59)', () => {
    const head = '# table\nSHELL=/bin/sh\nMAILTO=""\n'
    const good = '17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n'
    expect(afterwards('/etc/crontab', `${head}*/5 * * * * root ${badPath} -x >/dev/null 2>&1\n${good}`)).toBe(
      head + good,
    )
    expect(afterwards('/etc/crontab', `${head}@reboot u ~/.cache/evil\n${good}`)).toBe(head + good)
    expect(afterwards('/var/spool/cron/crontabs/u', `${head}@reboot sleep 60 && $HOME/.cache/evil\n`)).toBe(head)
    expect(afterwards('/var/spool/cron/crontabs/u', '0 3 * * 1-5 cd .cache; ./evil\n')).toBe('')
    expect(afterwards('/var/spool/cron/u', '0 3 * jan mon HOME=/x ~/.cache/evil%input\n')).toBe('')
  })

  it('a table that has no other job goes itself, and one with others keeps them', () => {
    expect(afterwards('/etc/cron.d/evil', `SHELL=/bin/sh\n* * * * * root ${badPath}\n`)).toBe('removed')
    expect(afterwards('/etc/cron.d/more', `* * * * * root ${badPath}\n1 2 3 4 5 root ${other}\n`)).toBe(
      `1 2 3 4 5 root ${other}\n`,
    )
    expect(afterwards('/etc/cron.d/both', `1 2 3 4 5 root ${other} && ${badPath}\n`)).toBe(
      `1 2 3 4 5 root ${other} && :\n`,
    )
  })

  it.each([
    `1 2 3 4 5 root ${other} ${badPath}`,
    `#1 2 3 4 5 root ${badPath}`,
    `A=${badPath}`,
    `1 2 3 root ${badPath}`,
    '1 2 3 4 5',
  ])('%s is no entry and stays', (line) => {
    expect(afterwards('/etc/crontab', `${line}\n`)).toBeUndefined()
  })

  it('links in cron.daily that lead to the file go; the scripts there are not looked into', () => {
    machine.link('/etc/cron.daily/evil', badPath)
    machine.link('/etc/cron.daily/good', other)
    machine.write('/etc/cron.daily/script', `#!/bin/sh\n${badPath}\n`)
    expect(machine.find()).toMatchObject([
      { path: '/etc/cron.daily/evil', change: { kind: 'unlink', target: badPath } },
    ])
  })
})

describe('jobs of at', () => {
  const head = `#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail u 0\numask 22\nHOME=${home}; export HOME\ncd /home/u/.cache || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n`
  const handed = (text: string): string =>
    `${head}\${SHELL:-/bin/sh} << 'marcinDELIMITER0f1e'\n${text}\nmarcinDELIMITER0f1e\n`

  it('a job goes, and one that does more loses the command alone', () => {
    expect(afterwards('/var/spool/cron/atjobs/a00001', handed('./evil'))).toBe('removed')
    expect(afterwards('/var/spool/at/a00001', `${head}~/.cache/evil\n`)).toBe('removed')
    expect(afterwards('/var/spool/at/a00002', handed(`${other}\n./evil`))).toBe(handed(`${other}`))
    expect(afterwards('/var/spool/at/a00003', handed(`${other} ${badPath}`))).toBeUndefined()
  })
})

describe('programs of a desktop session', () => {
  const file = (exec: string, more = ''): string =>
    `[Desktop Entry]\nType=Application\nName=Update\n${more}Exec=${exec}\n[Desktop Action x]\nExec=${badPath}\n`
  const path = `${home}/.config/autostart/update.desktop`

  it.each([
    [badPath],
    [`"${badPath}" --hidden %u`],
    [`env A=b ${badPath}`],
    [`sh -c "sleep 5 && \\\\$HOME/.cache/evil"`],
    [`/usr/bin/python3 ${badPath} %F`],
    [`/home/u/.cache/evil\t-x`],
    ['"$HOME/.cache/evil"'],
  ])('Exec=%s goes with its file (59)', (exec) => {
    expect(afterwards(path, file(exec))).toBe('removed')
    expect(afterwards('/etc/xdg/autostart/x.desktop', file(exec.replace(/\\*\$HOME/, home)))).toBe('removed')
  })

  it.each([[`${other} ${badPath}`], [`${badPath}.bak`], [`"${badPath}`], [`sh -c "${other} ${badPath}"`]])(
    'Exec=%s is no entry and stays',
    (exec) => expect(afterwards(path, file(exec))).toBeUndefined(),
  )

  it('a link to such a file goes, and what it leads to stays', () => {
    machine.write('/opt/update.desktop', file(badPath))
    machine.link(path, '/opt/update.desktop')
    expect(machine.find()).toMatchObject([{ path, change: { kind: 'unlink', target: '/opt/update.desktop' } }])
  })
})

describe('units of systemd', () => {
  const unit = (exec: string): string =>
    `[Unit]\nDescription=Update\n[Service]\n${exec}\nRestart=always\n[Install]\nWantedBy=default.target\n`
  const user = `${home}/.config/systemd/user`

  it.each([
    [`ExecStart=${badPath}`],
    ['ExecStart=-%h/.cache/evil --quiet'],
    [`ExecStart=@"${badPath}" kworker`],
    [`ExecStartPre=/bin/sleep 5\nExecStart=!!${badPath}`],
    [`ExecStart=/bin/sh -c '${badPath} & wait'`],
    ['ExecStart=/usr/bin/env \\\n# between\n  python3 \\\n  /home/u/.cache/evil'],
    ['ExecStart=/bin/bash -c "exec \\x2fhome/u/.cache/evil"'],
    ['WorkingDirectory=/home/u/.cache\nExecStart=/bin/sh evil'],
  ])('with %j goes (59)', (exec) => {
    expect(afterwards(`${user}/update.service`, unit(exec))).toBe('removed')
  })

  it.each([
    [`ExecStart=${other} ${badPath}`],
    [`ExecStart=${badPath}x`],
    [`#ExecStart=${badPath}`],
    [`Environment=A=${badPath}`],
  ])('with %s is no entry and stays', (exec) =>
    expect(afterwards(`${user}/update.service`, unit(exec))).toBeUndefined(),
  )

  it('goes with its timer and all links to it, and nothing else (59)', () => {
    const system = '/etc/systemd/system'
    machine.write(`${system}/update.service`, unit(`ExecStart=${badPath}`))
    machine.write(`${system}/update.timer`, '[Timer]\nOnBootSec=5\n')
    machine.write(`${system}/else.timer`, '[Timer]\nOnBootSec=5\nUnit=update.service\n')
    machine.write(`${system}/update2.timer`, '[Timer]\nOnBootSec=5\n')
    machine.write(`${system}/good.service`, unit(`ExecStart=${other}`))
    machine.link(`${system}/multi-user.target.wants/update.service`, `${system}/update.service`)
    machine.link(`${system}/timers.target.wants/update.timer`, '../update.timer')
    machine.link(`${system}/multi-user.target.wants/good.service`, `${system}/good.service`)
    machine.link(`${system}/alias.service`, 'update.service')
    expect(machine.find().map(({ path, change }) => `${change.kind} ${path}`)).toEqual([
      `unlink ${system}/alias.service`,
      `remove ${system}/update.service`,
      `remove ${system}/else.timer`,
      `remove ${system}/update.timer`,
      `unlink ${system}/multi-user.target.wants/update.service`,
      `unlink ${system}/timers.target.wants/update.timer`,
    ])
  })

  it('that hides one of a package gives way to it, and keeps what starts that one', () => {
    machine.write('/usr/lib/systemd/system/ssh.service', unit(`ExecStart=${other}`))
    machine.write('/etc/systemd/system/ssh.service', unit(`ExecStart=${badPath}`))
    machine.link('/etc/systemd/system/multi-user.target.wants/ssh.service', '/usr/lib/systemd/system/ssh.service')
    expect(machine.find().map(({ path }) => path)).toEqual(['/etc/systemd/system/ssh.service'])
  })

  it('that starts something else too loses the line alone', () => {
    const with2 = unit(`ExecStartPre=${badPath}\nExecStart=${other}`)
    expect(afterwards('/etc/systemd/system/good.service', with2)).toBe(unit(`ExecStart=${other}`))
  })

  it('drop-ins lose the line, and go when nothing is left', () => {
    const path = '/etc/systemd/system/ssh.service.d/override.conf'
    expect(afterwards(path, `[Service]\nExecStart=\nExecStart=${badPath}\n`)).toBe('removed')
    expect(afterwards(path, `[Service]\nNice=5\nExecStart=\nExecStart=${badPath}\n`)).toBe('[Service]\nNice=5\n')
    expect(afterwards(path, `[Service]\nExecStartPost=${badPath}\nExecStartPost=${other}\n`)).toBe(
      `[Service]\nExecStartPost=${other}\n`,
    )
  })
})

describe('what every program loads', () => {
  it('the library leaves /etc/ld.so.preload, others stay', () => {
    expect(afterwards('/etc/ld.so.preload', `${badPath}\n`)).toBe('')
    expect(afterwards('/etc/ld.so.preload', `/lib/a.so ${badPath} /lib/b.so # mine\n`)).toBe(
      '/lib/a.so /lib/b.so # mine\n',
    )
    expect(afterwards('/etc/ld.so.preload', `/lib/a.so\n${badPath}`)).toBe('/lib/a.so\n')
    expect(afterwards('/etc/ld.so.preload', `/lib/a.so\n#${badPath}\n`)).toBeUndefined()
  })

  it('and environment.d and /etc/environment', () => {
    expect(afterwards(`${home}/.config/environment.d/x.conf`, 'A=b\nLD_PRELOAD="$HOME/.cache/evil"\n')).toBe('A=b\n')
    expect(afterwards('/etc/environment', `PATH="/bin"\nLD_PRELOAD=/lib/a.so:${badPath}\n`)).toBe(
      'PATH="/bin"\nLD_PRELOAD=/lib/a.so\n',
    )
    expect(afterwards('/etc/environment', `PATH="${badPath}"\n`)).toBeUndefined()
  })
})

describe('rules of udev', () => {
  const path = '/etc/udev/rules.d/99-x.rules'

  it('a rule goes, or its RUN alone when it does more', () => {
    const good = 'SUBSYSTEM=="usb", MODE="0660"\n'
    expect(afterwards(path, `${good}ACTION=="add", RUN+="${badPath} --x"\n`)).toBe(good)
    expect(afterwards(path, `ACTION=="add", \\\n  RUN+="/bin/sh -c '${badPath} &'"\n`)).toBe('removed')
    expect(afterwards(path, `ACTION=="add", SYMLINK+="x", RUN+="${badPath}", MODE="0600"\n`)).toBe(
      'ACTION=="add", SYMLINK+="x", MODE="0600"\n',
    )
    expect(afterwards(path, `RUN+="${other} ${badPath}"\n`)).toBeUndefined()
  })
})

describe('scripts of the classic start', () => {
  const script = (body: string): string => `#!/bin/sh\ncase "$1" in\nstart)\n  ${body}\n  ;;\nesac\nexit 0\n`

  it('one that is there for the file goes with its links; another one loses the command', () => {
    machine.link('/etc/rc3.d/S99evil', '../init.d/evil')
    machine.link('/etc/rc3.d/S01good', '../init.d/good')
    machine.write('/etc/init.d/good', script(other))
    expect(afterwards('/etc/init.d/evil', script(`${badPath} &`))).toBe('removed')
    expect(unlinked()).toEqual(['/etc/rc3.d/S99evil'])
    expect(afterwards('/etc/init.d/evil', `DAEMON=${badPath}\n${script('$DAEMON')}`)).toBe('removed')
    expect(afterwards('/etc/init.d/evil', script(`start-stop-daemon --start --exec ${badPath}`))).toBe('removed')
    expect(afterwards('/etc/init.d/good', script(`${other}\n  ${badPath}`))).toBe(script(`${other}\n  :`))
  })

  it('rc.local loses the line', () => {
    expect(afterwards('/etc/rc.local', `#!/bin/sh -e\n${badPath} &\nexit 0\n`)).toBe('#!/bin/sh -e\nexit 0\n')
  })
})

describe('hostile files', () => {
  it('that are huge, binary, links in circles, folders, pipes or not there are left alone', () => {
    machine.write(`${home}/.bashrc`, `${badPath}\n${'#'.repeat(300_000)}`)
    machine.write(`${home}/.profile`, `${badPath}\n\0`)
    machine.link(`${home}/.zshrc`, '.zprofile')
    machine.link(`${home}/.zprofile`, '.zshrc')
    machine.write('/etc/crontab/folder', badPath)
    machine.link(`${home}/.config/autostart`, '/etc/elsewhere')
    machine.write('/etc/elsewhere/x.desktop', `[Desktop Entry]\nExec=${badPath}\n`)
    execFileSync('mkfifo', [machine.real('/etc/rc.local')])
    expect(machine.find()).toEqual([])
  })

  it('a link as a start-up file is not followed', () => {
    machine.write('/home/u/dotfiles/bashrc', `${badPath}\n`)
    machine.link(`${home}/.bashrc`, 'dotfiles/bashrc')
    expect(machine.find()).toEqual([])
  })

  it.each([
    ['quotes without an end', `ls\n${badPath}\necho "\n${'x'.repeat(1000)}`],
    ['brackets without an end', `${badPath}\n$(((((\n`],
    ['brackets that close nothing', `${badPath}\n)))) } } fi done esac ;; esac\n`],
    ['words in the wrong place', `${badPath}\nthen else do fi; case case in in in\n`],
  ])('%s: what stands before is understood, the rest stays', (_, text) => {
    expect(afterwards(`${home}/.bashrc`, text)).toBe(text.replace(`${badPath}\n`, ''))
  })

  it('are read in a moment, whatever is in them', () => {
    const fill = (piece: string): string => piece.repeat(Math.floor(250_000 / piece.length))
    const pieces = [
      'A',
      '"',
      "'",
      '\\\n',
      '$(',
      '`',
      '{',
      '/a/b;',
      `${badPath};`,
      'RUN+="',
      'A="',
      '[[ ',
      '<<E\n',
      ' ',
      '(',
      ')',
      '%',
      '#',
    ]
    const paths = [
      `${home}/.bashrc`,
      '/etc/crontab',
      '/etc/udev/rules.d/x.rules',
      '/etc/environment',
      '/etc/ld.so.preload',
    ]
    paths.push(`${home}/.config/systemd/user/x.service`, `${home}/.config/autostart/x.desktop`, '/var/spool/at/a1')
    const began = Date.now()
    for (const piece of pieces) {
      for (const path of paths) machine.write(path, `[Service]\n[Desktop Entry]\nExec=${fill(piece)}`)
      for (const path of ['/etc/environment', '/etc/ld.so.preload']) machine.write(path, `LD_PRELOAD=${fill(piece)}"x`)
      machine.find()
    }
    expect(Date.now() - began).toBeLessThan(60_000)
  }, 120_000)
})

describe('outside of the machine', () => {
  /** Every place that was opened, listed or asked about while the act ran, as the kernel sees it. */
  function placesOf(act: () => void): string[] {
    const places: string[] = []
    const calls = [
      'openSync',
      'lstatSync',
      'statSync',
      'readlinkSync',
      'readdirSync',
      'readFileSync',
      'accessSync',
    ] as const
    const table = fs as unknown as Record<string, (...args: unknown[]) => unknown>
    const real = calls.map((name) => [name, table[name]] as const)
    const { readlinkSync } = fs
    const placeOf = (path: string): string => {
      const [, fd, rest = ''] = /^\/proc\/self\/fd\/(\d+)(.*)$/s.exec(path) ?? []
      return fd === undefined ? path : `${readlinkSync(`/proc/self/fd/${fd}`)}${rest}`
    }
    for (const [name, call] of real) {
      table[name] = (...args) => {
        places.push(placeOf(String(args[0])))
        return call?.(...args)
      }
    }
    syncBuiltinESMExports()
    try {
      act()
    } finally {
      for (const [name, call] of real) if (call !== undefined) table[name] = call
      syncBuiltinESMExports()
    }
    return places
  }

  it('nothing is opened, listed or asked about', () => {
    machine.write(`${home}/.bashrc`, `/usr/bin/env /etc/passwd\n${badPath}\ncd / && ../../usr/bin/id\n`)
    machine.link('/etc/cron.daily/x', '/usr/bin/id')
    machine.link(`${home}/.config/autostart/x.desktop`, '../../../../../../../../usr/share/applications/x.desktop')
    machine.write('/etc/init.d/x', 'DAEMON=/bin/true\n')
    const places = placesOf(() => expect(machine.find()).toHaveLength(1))
    expect(places.length).toBeGreaterThan(50)
    const isWithin = (place: string): boolean => `${place}/`.startsWith(`${machine.root}/`)
    const isOnTheWay = (place: string): boolean =>
      machine.root.startsWith(place.replace(/^\/\//, '/').replace(/\/?\.?$/, ''))
    expect(places.filter((place) => !isWithin(place.replace(/^\/\//, '/')) && !isOnTheWay(place))).toEqual([])
  })
})

it('finds nothing by links that lead out of the machine', () => {
  const outside = createMachine()
  try {
    outside.write('/crontab', `* * * * * root ${badPath}\n`)
    machine.link('/etc/crontab', outside.real('/crontab'))
    machine.link('/etc/cron.d', outside.real('/'))
    machine.link(`${home}/.config/autostart/x.desktop`, outside.real('/x.desktop'))
    outside.write('/x.desktop', `[Desktop Entry]\nExec=${badPath}\n`)
    machine.write(`${home}/.bashrc`, `${outside.real(badPath)}\n../../../../../../..${outside.real(badPath)}\n`)
    expect(machine.find()).toEqual([])
  } finally {
    outside.remove()
  }
})
