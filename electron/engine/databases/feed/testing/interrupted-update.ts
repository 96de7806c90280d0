// An update that is killed at one of its steps, as a power cut would: `node interrupted-update.mjs DATA FEED KEYS STEP`.
// Used by tests only.
import { readTrustedKeys } from '../feed-keys.ts'
import { folderSource } from '../feed-source.ts'
import { updateDatabases } from '../update.ts'
import { epoch } from './feed-lab.ts'

const [dataDir = '', feed = '', keys = '', step = ''] = process.argv.slice(2)
await updateDatabases({
  dataDir,
  sources: [folderSource(feed)],
  keys: readTrustedKeys([keys]),
  now: new Date(epoch + 24 * 3_600_000),
  onStep: (done) => {
    if (done === step) process.kill(process.pid, 'SIGKILL')
  },
})
