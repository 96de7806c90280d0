import { describe, expect, it } from 'vitest'
import { ask, bigBlob, blob, j } from './testing/ask.ts'

const suspected: readonly (readonly [string, string])[] = [
  [
    'names in brackets',
    `<html><script>var d="${j('UE', 'sDB')}${bigBlob}";var b=new Blob([Uint8Array.from(atob(d),c=>c.charCodeAt(0))]);var a=document.createElement("a");a["href"]=URL["${j('create', 'ObjectURL')}"](b);a["download"]="x.zip";a["click"]()</script></html>`,
  ],
  [
    'data in pieces',
    `<html><script>var p=[${Array.from({ length: 40 }, (_, i) => `"${blob.slice(i * 80, i * 80 + 80)}"`).join(',')},${Array.from({ length: 30 }, (_, i) => `"${blob.slice(i * 80, i * 80 + 80)}"`).join(',')}];var b=new Blob([atob(p.join(""))]);var u=URL.${j('create', 'ObjectURL')}(b);var a=document.createElement("a");a.href=u;a.download="x.zip";a.click()</script></html>`,
  ],
  [
    'data as numbers',
    `<html><script>var d=new Uint8Array([${Array.from({ length: 3000 }, (_, i) => (i * 37) % 256).join(',')}]);var b=new Blob([d]);var u=URL.${j('create', 'ObjectURL')}(b);var a=document.createElement("a");a.href=u;a.download="x.exe";a.click()</script></html>`,
  ],
  [
    'data as an address',
    `<html><a id="a" ${j('down', 'load')}="invoice.zip" href="data:application/zip;base64,${j('UE', 'sDB')}${bigBlob}">x</a><script>document.getElementById("a").click()</script></html>`,
  ],
  [
    'the page goes to the file',
    `<html><script>var d="${j('UE', 'sDB')}${bigBlob}";var b=new File([Uint8Array.from(atob(d),c=>c.charCodeAt(0))],"x.zip");location.href=URL.${j('create', 'ObjectURL')}(b)</script></html>`,
  ],
  [
    'a picture',
    `<svg xmlns="http://www.w3.org/2000/svg"><script>var d=atob("${j('UE', 'sDB')}${bigBlob}");var b=new Blob([d]);var u=URL.${j('create', 'ObjectURL')}(b);var a=document.createElement("a");a.href=u;a.setAttribute('${j('down', 'load')}','x.zip');a.click()</script></svg>`,
  ],
]
const ordinary: readonly (readonly [string, string])[] = [
  [
    'a report with a picture and an export',
    `<html><img src="data:image/png;base64,${bigBlob}"><script>function csv(){var b=new Blob([new Uint8Array([0xef,0xbb,0xbf]),t()]);var a=document.createElement('a');a.href=URL.createObjectURL(b);a.download='t.csv';a.click()}</script></html>`,
  ],
  [
    'a page with a font',
    `<html><style>@font-face{src:url(data:font/woff2;base64,${bigBlob})}</style><script>var b=new Blob([atob("x")]);a.href=URL.createObjectURL(b);a.download="x";a.click()</script></html>`,
  ],
  [
    'a page that shows what it carries',
    `<html><script>var d=atob("${bigBlob}");var b=new Blob([d]);img.src=URL.createObjectURL(b)</script></html>`,
  ],
]

describe('html smuggling', () => {
  it.each(suspected)('suspected: %s', (_, content) => expect(ask(content)).toEqual(['Html.Smuggling']))
  it.each(ordinary)('ordinary: %s', (_, content) => expect(ask(content)).toEqual([]))
})
