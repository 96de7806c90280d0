import { describe, expect, it } from 'vitest'
import { ask, execute, j } from './testing/ask.ts'

const macro = (body: string, name = j('Auto', 'Open')): string => `Sub ${name}()\n${body}\nEnd Sub\n`
const wscript = j('WScript', '.Shell')
const inDocument = (source: string): string[] => ask(source, { name: 'VBA/Module1', depth: 1 })

describe('a macro that starts itself', () => {
  it.each([
    ['runs a command', macro(`CreateObject("${wscript}").Run x`)],
    ['starts a program', macro(`x = ${j('She', 'll')}("cmd.exe /c start x", 0)`)],
    ['starts a program when the document is opened', macro(`${j('She', 'll')} x, vbHide`, 'Document_Open')],
    ['starts when a part of a form is drawn', macro(`${j('She', 'll')} x, 0`, 'Frame1_Layout')],
    ['downloads a file', macro(`${j('URLDownload', 'ToFile')} 0, u, f, 0, 0`, 'Workbook_Open')],
    [
      'saves what it has fetched',
      macro(`Set s = CreateObject("${j('ADODB', '.Stream')}")\ns.Write b\ns.${j('Save', 'ToFile')} f, 2`),
    ],
    ['hides the name of an object', macro(`CreateObject(${j('Str', 'Reverse')}("llehS.tpircSW"))`)],
    ['names an object by its number', macro(`GetObject("${j('new', ':')}72C24DD5-D70A-438B-8A42-98424B88AFB8")`)],
    [
      'starts a process by the service for that',
      macro(`GetObject("winmgmts:root\\cimv2:${j('Win32', '_Process')}").Create x`),
    ],
    ['runs code in memory', macro(`p = ${j('Virtual', 'Alloc')}(0, n, 4096, 64)`)],
    [
      'does so behind pages of nothing',
      `${"' nothing here\n".repeat(12_000)}${macro(`CreateObject("${wscript}").Run x`)}${"' nothing\n".repeat(12_000)}`,
    ],
  ])('and %s is suspected', (_, source) => expect(inDocument(source)).toEqual(['Macro.StartsProgram']))

  it.each([
    ['greets', macro('MsgBox "Hello"')],
    ['shows a folder', macro(`${j('She', 'll')} "explorer.exe C:\\Reports", vbNormalFocus`)],
    ['asks where the desktop is', macro(`p = CreateObject("${wscript}").SpecialFolders("Desktop")`)],
    ['tells in a comment what a shell is', macro("' use the shell script of the team\nRem shell once more\nx = 1")],
    [
      'copies memory',
      `Declare PtrSafe Sub CopyMemory Lib "kernel32" Alias "${j('Rtl', 'MoveMemory')}" ()\n${macro('x = 1')}`,
    ],
  ])('and %s is not', (_, source) => expect(inDocument(source)).toEqual([]))
})

it('a macro that waits to be started is not suspected, nor the same text outside of a document', () => {
  const source = macro(`CreateObject("${wscript}").Run x`, 'MyMacro')
  expect(inDocument(source)).toEqual([])
  expect(ask(macro(`CreateObject("${wscript}").Run x`), { name: 'VBA/Module1' })).toEqual([])
})

it('a macro sheet that starts a program is suspected', () => {
  const sheet = `<sheet><c><f>${execute.toUpperCase()}("calc")</f></c></sheet>`
  expect(ask(sheet, { name: 'xl/macrosheets/sheet1.xml', depth: 1 })).toEqual(['Macro.SheetStartsProgram'])
  expect(ask(sheet, { name: 'xl/worksheets/sheet1.xml', depth: 1 })).toEqual([])
})
