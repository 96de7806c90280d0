// Everything that is changed and then scanned: every format that the engine opens, by name.
// Owns the list only; the fixtures are made by the modules beside it.
import { archiveFixtures } from './archive-fixtures.ts'
import { documentFixtures } from './document-fixtures.ts'
import type { Fixture } from './fixture.ts'
import { mailFixtures } from './mail-fixtures.ts'

let made: Promise<readonly Fixture[]> | undefined

/** All fixtures; made once. */
export function corpus(): Promise<readonly Fixture[]> {
  made ??= archiveFixtures().then((archives) => [...archives, ...documentFixtures(), ...mailFixtures()])
  return made
}
