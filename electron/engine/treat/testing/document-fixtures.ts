// Documents with macros and objects in them, the way Office and LibreOffice lay them out, as far as a cure needs it.
// Used by tests only.
import { makeOle } from '../../unpack/testing/ole.ts'
import { compressVba } from '../../unpack/testing/vba.ts'
import { type MadeZip, makeZip, type ZipPart } from './zip-fixture.ts'

export const text = (name: string, content: string): ZipPart => ({ name, content: Buffer.from(content) })
const xml = (name: string, content: string): ZipPart => text(name, `<?xml version="1.0" encoding="UTF-8"?>\n${content}`)

/** A macro project whose only module has this source. */
export function macroProject(source: string | Buffer): Buffer {
  const head = 'Attribute VB_Name = "ThisDocument"\r\nSub AutoOpen()\r\n'
  const module = compressVba(`${head}' ${source.toString('latin1')}\r\nEnd Sub\r\n`)
  return makeOle([
    { name: 'ThisDocument', data: Buffer.concat([Buffer.alloc(9, 7), module]) },
    { name: 'dir', data: Buffer.alloc(50, 1) },
  ])
}

export interface OfficeContent {
  readonly project?: Buffer
  readonly object?: Buffer
  /** Members that nothing names. */
  readonly stowaways?: readonly ZipPart[]
  readonly body?: string
}

const relation = (id: number, type: string, target: string): string =>
  `<Relationship Id="rId${id}" Type="http://schemas.example.org/${type}" Target="${target}"/>`
const override = (part: string, type: string): string =>
  `<Override PartName="${part}" ContentType="application/vnd.example.${type}"/>`

export const officeTypes = {
  begin:
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Default Extension="xml" ContentType="application/xml"/>' +
    override('/word/document.xml', 'ms-word.document.macroEnabled.main+xml'),
  macros: override('/word/vbaData.xml', 'ms-word.vbaData+xml'),
  object: override('/word/embeddings/oleObject1.bin', 'oleObject'),
  end: '</Types>',
}
export const officeRelations = {
  begin: `<Relationships xmlns="http://schemas.example.org/relationships">${relation(1, 'styles', 'styles.xml')}`,
  macros: relation(2, 'vbaProject', 'vbaProject.bin'),
  object: relation(3, 'oleObject', 'embeddings/oleObject1.bin'),
  end: `${relation(4, 'hyperlink', 'vbaProject.bin').replace('/>', ' TargetMode="External"/>')}</Relationships>`,
}

/** A `.docm`: macros and an object as given, with everything that belongs to them. */
export function officeDocument({ project, object, stowaways = [], body = 'some text' }: OfficeContent): MadeZip {
  const ifMacros = (texts: { readonly macros: string }): string => (project === undefined ? '' : texts.macros)
  const ifObject = (texts: { readonly object: string }): string => (object === undefined ? '' : texts.object)
  const list = (texts: typeof officeTypes): string => texts.begin + ifMacros(texts) + ifObject(texts) + texts.end
  return makeZip([
    xml('[Content_Types].xml', list(officeTypes)),
    xml('_rels/.rels', `<Relationships>${relation(1, 'officeDocument', 'word/document.xml')}</Relationships>`),
    xml('word/document.xml', `<w:document><w:p>${body}</w:p></w:document>`),
    { ...xml('word/_rels/document.xml.rels', list(officeRelations)), descriptor: 'signed' },
    ...(project === undefined
      ? []
      : [
          { name: 'word/vbaProject.bin', content: project },
          xml('word/_rels/vbaProject.bin.rels', `<Relationships>${relation(1, 'd', 'vbaData.xml')}</Relationships>`),
          xml('word/vbaData.xml', '<wne:vbaSuppData/>'),
          { name: 'word/vbaProjectSignatureAgile.bin', content: Buffer.alloc(40, 2) },
        ]),
    ...(object === undefined ? [] : [{ name: 'word/embeddings/oleObject1.bin', content: object }]),
    ...stowaways,
    xml('word/styles.xml', '<w:styles/>'),
  ])
}

const entry = (path: string): string =>
  `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="text/xml"/>`

export const manifestTexts = {
  begin: `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">${entry('/')}${entry('content.xml')}`,
  macros:
    entry('Basic/') + entry('Basic/script-lc.xml') + entry('Basic/Standard/Module1.xml') + entry('Scripts/python/a.py'),
  object: entry('Object 1/') + entry('Object 1/content.xml') + entry('Object 1/Pictures/a.bin'),
  end: `${entry('styles.xml')}</manifest:manifest>`,
}

/** An `.odt` with macros of LibreOffice and an embedded object, each as given. */
export function openDocument({ project, object }: OfficeContent): MadeZip {
  const { begin, macros, object: objects, end } = manifestTexts
  return makeZip([
    { name: 'mimetype', content: Buffer.from('application/vnd.oasis.opendocument.text'), stored: true },
    xml('content.xml', '<office:document-content><text:p>some text</text:p></office:document-content>'),
    ...(project === undefined
      ? []
      : [
          xml('Basic/script-lc.xml', '<library:libraries/>'),
          { name: 'Basic/Standard/Module1.xml', content: project },
          text('Scripts/python/a.py', 'def a(): pass\n'),
        ]),
    ...(object === undefined
      ? []
      : [
          xml('Object 1/content.xml', '<office:document-content/>'),
          { name: 'Object 1/Pictures/a.bin', content: object, stored: true },
          { name: 'ObjectReplacements/Object 1', content: Buffer.alloc(30, 5) },
        ]),
    xml('styles.xml', '<office:document-styles/>'),
    xml(
      'META-INF/manifest.xml',
      begin + (project === undefined ? '' : macros) + (object === undefined ? '' : objects) + end,
    ),
  ])
}
