// What the kit's parts say to screen readers, rendered without a browser.
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { FindingList } from './FindingList.tsx'
import { Mark } from './Mark.tsx'
import { MiddleCut, splitForCut } from './MiddleCut.tsx'
import { ProgressBar } from './ProgressBar.tsx'
import { StatusTag } from './StatusTag.tsx'

describe('MiddleCut', () => {
  it('keeps the ending and loses nothing', () => {
    const name = 'photo-viewer-installer-with-a-very-long-name-2026-final(3).exe'
    const [start, end] = splitForCut(name)
    expect(start + end).toBe(name)
    expect(end.endsWith('final(3).exe')).toBe(true)
    expect(renderToStaticMarkup(<MiddleCut text={name} />)).toContain(`title="${name}"`)
  })

  it('keeps the last folder of a path and never cuts through a character', () => {
    expect(splitForCut('C:\\Users\\Anna\\Documents\\Clients\\Norrland quarterly')[1]).toBe('\\Norrland quarterly')
    const [start, end] = splitForCut(`${'a'.repeat(20)}${'😀'.repeat(14)}`)
    expect(start).toBe('a'.repeat(20))
    expect(end).toBe('😀'.repeat(14))
  })

  it('leaves short texts whole', () => {
    expect(splitForCut('a.exe')).toEqual(['', 'a.exe'])
  })
})

describe('ProgressBar', () => {
  it('has a value only where the percent is honest', () => {
    expect(renderToStaticMarkup(<ProgressBar percent={37} label="Full Scan" />)).toContain('value="37"')
    const unknown = renderToStaticMarkup(<ProgressBar percent={null} label="Full Scan" />)
    expect(unknown).toContain('role="progressbar"')
    expect(unknown).not.toContain('value')
  })
})

describe('Mark', () => {
  it('says the state by position: no wedge when off, a dot when busy', () => {
    expect(renderToStaticMarkup(<Mark state="off" />)).not.toContain('ui-mark-wedge')
    expect(renderToStaticMarkup(<Mark state="busy" />)).toContain('ui-mark-dot')
    expect(renderToStaticMarkup(<Mark state="attention" />)).toContain('translate(0 -2)')
    expect(renderToStaticMarkup(<Mark state="at-risk" label="At risk" />)).toContain('aria-label="At risk"')
  })
})

describe('StatusTag', () => {
  it('always has a word', () => {
    expect(renderToStaticMarkup(<StatusTag status="good">Protected</StatusTag>)).toContain('Protected')
  })
})

describe('FindingList', () => {
  const rule = {
    name: 'Own',
    author: 'A. Writer',
    reference: 'https://x.example/1',
    description: 'What it is',
    score: 75,
  }
  const finding = { member: ['in.zip'], threat: 'Own', verdict: 'risky', detector: 'yara', rule } as const
  const of = (count: number, moreFindings = 0) =>
    renderToStaticMarkup(
      <FindingList
        detection={{
          findings: Array.from({ length: count }, () => ({ ...finding, member: [...finding.member] })),
          moreFindings,
        }}
      />,
    )

  it('shows everything a rule says of itself, and makes nothing of it a link', () => {
    const markup = of(1)
    for (const text of [
      'in.zip',
      'Other risky software · YARA rule · score 75',
      'What it is',
      'A. Writer',
      rule.reference,
    ])
      expect(markup).toContain(text)
    expect(markup).not.toMatch(/<a\b|href/)
  })

  it('shows three of many, and says what is not listed once all are shown', () => {
    expect(of(4).match(/<li>/g)).toHaveLength(3)
    expect(of(4)).toContain('Show all 4 matches')
    expect(of(3, 180)).toContain('At least 180 more matches are not listed here')
  })
})
