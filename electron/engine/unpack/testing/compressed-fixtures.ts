// Archives made by the usual tools of each format, around one member: the infected marker (shared/testing/samples.ts) and
// a text. Compressed, so that no rule matches these bytes as they are here.
// Made with arj, gcab -z, compress, jlha, mksquashfs -nopad, lz4, xz --format=lzma and zstd -19 of Debian 12.

/** Base64, by format, the first letters alone where a scan of this text would take it for a file. The member of those that keep names is `member.bin`. */
export const compressedFixtures = {
  arj: [
    'YOopACILAQIQAALB2nwDa9p8A2sAAAAAAAAAAAAAAAAAAAAAAAB4LmFyagAAoLgs6AAAYOo6AC4LAQIQAQDa2nwDa0IAAAASBAAA',
    'bMQsAAAApBEAAAAAAADafANr2nwDawAAAABtZW1iZXIuYmluAABOivUjAAAAPFOuqan+oMPSUPs5/uSMwMH/j01NxV40LhwAgVrU',
    'jMEL5NT+LQ6kelc8T2JVnxRRzvbwemf+kYRnImsiWOx2P4Zg6gAA',
  ].join(''),
  cab: [
    'TV',
    'NDRgAAAACUAAAAAAAAACwAAAAAAAAAAwEBAAEAAAAAAAAARwAAAAEAAQASBAAAAAAAAAAAdl3BvCAAbWVtYmVyLmJpbgBtvaPQ',
    'RQASBENL7crBDYAwDATBVtKAi0JwAQvFRuZ+UXrHdSB/9jHaOQPDCXkiu1PdhHgpY4sbIWo9Fcda5rzUzua9qRGRUysrK/uXfQ==',
  ].join(''),
  compress: [
    'H52Qe/bIKdPmDZ0yLeDIMVhmDJ00b9y0ODiHTos2YeSsKSOnRRo3ZhoeJNOnjxuDaD6eAfHGDIiPBwdWBHGSTko3K1u+dBOzzMya',
    'N3O6hMnRJx2aKFWyHMqz6M+kOJfu7PnUplKdRGUeBXqVKdWtUIVOdQrWalSsTbUiNSs2q9G1QaW6rRoX7Ve4Xceq5XrWK1m8ffW+',
    '5ds27eCwcg3TzTu3bF2/exHb/Us48d3KkyOztUxZMuTDmzODfix4ceDGgAtf9lzaMWPFrk/DTs1ZM2nUmD+bVt05tO7YvG2/Xu27',
    'NW3Ru2uPHt779uzcxqHjZj29eHXnxLE3Z64W',
  ].join(''),
  lzh: [
    'LAAtbGg1LUEAAAASBAAA2nwDayACle8ABQAAI24NAAFtZW1iZXIuYmluAAAAPEuOia/1Bh0lD+i/lIzAwf49NTcVeNC+cAIFZzIx',
    'BC+zU8FodSPiuLT4JVnvRRzrTwe2fpIujORNZE2PY9j/GAA=',
  ].join(''),
  lzma4: [
    'XgBAAAD//////////wA94cTKbTdGN+w4WBcEPoOMlPbn+XPDnDupij+eoCdD2YlDrvMPb2AU0q90W0I+76zPhR4eXlOpOEFScBOl',
    'fZP976HfbtuR/2PYAAA=',
  ].join(''),
  lzmaSmall: [
    'XQAQAAD//////////wA94cTKb/TauKMkamS9I/oO8ooMZSB0Cx96PcNUxLdWCBwW/HxTGwijy0FccC41jJRly4zQby9uupB6xqea',
    'tTf/BbzzX//3CxMA',
  ].join(''),
  lz4: [
    'BCJNGGxAEgQAAAAAAAAtTAAAAP8ve3tyZW1vdGUtcHJvdGVjdGlvbi10ZXN0LW1hcmtlci1pbmZlY3RlZH19bm90aGluZyBvZiBp',
    'bnRlcmVzdCAUAP///79QcmVzdCAAAAAA5hKA9w==',
  ].join(''),
  lz4Legacy: [
    'AiFMGEwAAAD/L3t7cmVtb3RlLXByb3RlY3Rpb24tdGVzdC1tYXJrZXItaW5mZWN0ZWR9fW5vdGhpbmcgb2YgaW50ZXJlc3QgFAD/',
    '//+/UHJlc3Qg',
  ].join(''),
  lzma: [
    'XQAAgAD//////////wA94cTKb/TauKMkamS9I/oO8ooMZSB0Cx96PcNUxLdWCBwW/HxTGwijy0FccC41jJRly4zQby9uupB6xqea',
    'tTf/BbzzX//3CxMA',
  ].join(''),
  squashfs: [
    'aHNxcwIAAADafANrAAACAAEAAAABABEAwAIBAAQAAAAgAAAAAAAAAC8BAAAAAAAAJwEAAAAAAAD//////////6kAAAAAAAAA0wAA',
    'AAAAAAABAQAAAAAAABkBAAAAAAAAeNrtysENgDAMBMFW0oCLQnABC8VG5n5Resd1IH/2Mdo5A8MJeSK7U92EeCljixshaj0Vx1rm',
    'vNTO5r2pEZFTKysr+5d9ci2NHygAeNpjYljCyAAEt2qYs8EMJCDEwsDAyPAfLs8EFQfRikDMDMQA1SoFcBwAeNpjYIAARijNxMDJ',
    'kJuam5RapJeUmQcAFlcD7A4AeNpLYIAATygNAAhYAKrxAAAAAAAAAA4AeNpjYIAABSgNAAEQACEJAQAAAAAAAASAAAAAACEBAAAA',
    'AAAA',
  ].join(''),
  zst: [
    'KL',
    'Uv/WQSA90BAOJDDBDA69eTLCKsLklzU5Vh/IcL4KvZ+wCCoPiYo1sbvSjxuSzKkO6rP+O56DHV9ZiajAUBAB79qgkF6VRXlw==',
  ].join(''),
} as const
