// Harmless samples for tests: EICAR and the product's two test markers, put together only when asked for, so that no
// file of the repository or of the build matches a rule. Never imported by product code.

/** The 68 bytes of the EICAR test file. */
export function eicarBytes(): Uint8Array<ArrayBuffer> {
  const pieces = ['X5O!P%@AP[4', '\\PZX54(P^)7CC)7}', '$EICAR', '-STANDARD-ANTIVIRUS', '-TEST-FILE!', '$H+H*']
  return new TextEncoder().encode(pieces.join(''))
}

/** Content that the seed rules call infected (`RemoteProtection_Test_Infected`). */
export function infectedMarkerBytes(): Uint8Array<ArrayBuffer> {
  return marker('infected')
}

/** Content that the seed rules call probably infected (`RemoteProtection_Test_Suspicious`). */
export function suspiciousMarkerBytes(): Uint8Array<ArrayBuffer> {
  return marker('suspicious')
}

function marker(kind: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(['{{remote', 'protection', 'test', 'marker', `${kind}}}`].join('-'))
}
