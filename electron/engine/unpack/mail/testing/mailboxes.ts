// Makes mailboxes of other programs than those with mbox around mails. Used by tests only.

export function makeMmdf(mails: readonly Buffer[]): Buffer {
  const mark = Buffer.from('\x01\x01\x01\x01\n')
  return Buffer.concat(mails.flatMap((mail) => [mark, mail, mark]))
}

/** Of UW-IMAP: 2048 bytes of its own, then each mail behind a line with its length. */
export function makeMbx(mails: readonly Buffer[]): Buffer {
  const head = '*mbx*\r\n5b2a1f7b00000001\r\n'.padEnd(2046, '\r\n')
  return Buffer.concat([
    Buffer.from(`${head}\r\n`),
    ...mails.flatMap((mail, index) => [
      Buffer.from(` 5-Jan-2026 10:00:00 +0000,${mail.length};000000000000-0000000${index + 1}\r\n`),
      mail,
    ]),
  ])
}

/** Of Emacs. `hasOriginal`: the header as it came stands before the one that is shown. */
export function makeBabyl(mails: readonly Buffer[], hasOriginal = false): Buffer {
  const settings = 'BABYL OPTIONS: -*- rmail -*-\nVersion: 5\nLabels:\n\x1f'
  const pieces = mails.map((mail) => {
    const text = mail.toString('latin1')
    const end = text.indexOf('\r\n\r\n') + 4
    const shown = hasOriginal ? `Subject: hello\n\n${text.slice(end)}` : text
    return `\x0c\n${hasOriginal ? `1,,\n${text.slice(0, end)}` : '0, unseen,,\n'}*** EOOH ***\n${shown}\x1f`
  })
  return Buffer.from(settings + pieces.join(''), 'latin1')
}

/** Of Apple Mail. */
export function makeEmlx(mail: Buffer): Buffer {
  const facts = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>flags</key></dict></plist>\n'
  return Buffer.concat([Buffer.from(`${`${mail.length}`.padEnd(11)}\n`), mail, Buffer.from(facts)])
}
