// What injected markup and script would try in a page of ours: run code that is not ours, load or send something elsewhere.
// Tells what took effect and what the browser reported; judging it is the spec's business.
import type { Page } from '@playwright/test'

export interface AttackReport {
  /** Names of the attacks that took effect. */
  readonly succeeded: readonly string[]
  /** Directives of `securitypolicyviolation`, each once, sorted. */
  readonly violated: readonly string[]
}

/** The parts of a policy that every page of ours violates under `attackPage`. */
export const violatedEverywhere = [
  'base-uri',
  'connect-src',
  'form-action',
  'frame-src',
  'img-src',
  'script-src-elem',
  'style-src-elem',
] as const

/**
 * Tries everything against `page`; `foreign` is the origin of a server that would answer. Effects and reports come when the
 * browser gets to them: `expected` ones are waited for, at most 30 s.
 */
export function attackPage(page: Page, foreign: string, expected: Partial<AttackReport>): Promise<AttackReport> {
  const { succeeded = [], violated = [] } = expected
  return page.evaluate(attack, { foreign, expected: { succeeded, violated } })
}

interface Attack {
  readonly foreign: string
  readonly expected: AttackReport
}

/** Runs in the page, so it may use nothing of this module. */
async function attack({ foreign, expected }: Attack): Promise<AttackReport> {
  const succeeded: string[] = []
  const violated = new Set<string>()
  Object.assign(globalThis, { attack: succeeded })
  document.addEventListener('securitypolicyviolation', (event) => violated.add(event.effectiveDirective))
  // What the test's own call runs synchronously is exempt from the policy for eval; a task of the page is not.
  await new Promise((resolve) => setTimeout(resolve, 0))

  const add = <K extends keyof HTMLElementTagNameMap>(tag: K, change: (element: HTMLElementTagNameMap[K]) => void) => {
    const element = document.createElement(tag)
    change(element)
    document.body.append(element)
    return element
  }
  const attempts: Record<string, () => unknown> = {
    'inline script': () => add('script', (e) => e.append(document.createTextNode("attack.push('inline script')"))),
    'inline handler': () => add('button', (e) => e.setAttribute('onclick', "attack.push('inline handler')")).click(),
    'script address': () => add('a', (e) => e.setAttribute('href', "javascript:attack.push('script address')")).click(),
    // biome-ignore lint/security/noGlobalEval: the attack itself
    eval: () => (globalThis.eval('1') === 1 ? succeeded.push('eval') : 0),
    'new Function': () => (new Function('return 1')() === 1 ? succeeded.push('new Function') : 0),
    'text as a timer': () => setTimeout("attack.push('text as a timer')" as unknown as () => void, 0),
    'HTML with a handler': () =>
      add('div', (e) => {
        e.innerHTML = `<img src="nowhere" onerror="attack.push('HTML with a handler')">`
      }),
    'remote script': () => add('script', (e) => e.setAttribute('src', `${foreign}/script.js`)),
    'remote style': () => {
      const link = add('link', (e) => Object.assign(e, { rel: 'stylesheet', href: `${foreign}/style.css` }))
      link.onload = () => succeeded.push('remote style')
    },
    'inline style': () => {
      const style = add('style', (e) => e.append(document.createTextNode('html { --attacked: 1 }')))
      if (style.sheet) succeeded.push('inline style')
    },
    'remote image': () => {
      const image = add('img', (e) => Object.assign(e, { src: `${foreign}/picture.gif` }))
      image.onload = () => succeeded.push('remote image')
    },
    'remote frame': () => add('iframe', (e) => Object.assign(e, { src: `${foreign}/frame` })),
    'remote object': () => add('object', (e) => Object.assign(e, { data: `${foreign}/object`, type: 'text/html' })),
    fetch: async () => {
      await fetch(`${foreign}/fetch`)
      succeeded.push('fetch')
    },
    beacon: () => navigator.sendBeacon(`${foreign}/beacon`, 'x'),
    'web socket': () => new WebSocket(foreign.replace('http', 'ws')),
    'form to elsewhere': () => {
      add('iframe', (e) => Object.assign(e, { name: 'attack-form' }))
      add('form', (e) =>
        Object.assign(e, { method: 'post', action: `${foreign}/form`, target: 'attack-form' }),
      ).submit()
    },
    'base address': () => {
      const base = document.createElement('base')
      base.href = `${foreign}/base/`
      document.head.append(base)
      if (document.baseURI.startsWith(foreign)) succeeded.push('base address')
    },
  }
  for (const run of Object.values(attempts)) {
    // A refusal by exception is as good as one by silence.
    await Promise.resolve()
      .then(run)
      .catch(() => undefined)
  }
  const isComplete = () =>
    expected.violated.every((one) => violated.has(one)) && expected.succeeded.every((one) => succeeded.includes(one))
  // Long enough for what might take effect, and as long as something is missing.
  for (let waited = 0; waited < 500 || (waited < 30_000 && !isComplete()); waited += 100)
    await new Promise((resolve) => setTimeout(resolve, 100))
  return { succeeded: [...succeeded], violated: [...violated].sort() }
}
