// What this is: versions that really run, where secrets are kept, and that it is nobody else's product.
import { brand } from '#shared/brand.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { formatDay } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { KeyValue } from '#shared/ui/KeyValue.tsx'
import { useTopic } from '../../state/mirror.ts'

const storages = {
  keyring: 'The keyring of this computer',
  file: 'A file that only you can read, because the keyring cannot be used',
  unknown: 'Not needed yet',
} as const
const backends = { native: 'native', wasm: 'WebAssembly', none: 'none' } as const

/** Facts to copy into a report. */
export function About() {
  const { runtime, databases, patternBackend, secretStorage } = useTopic('protection')
  const facts = [
    { name: `${brand.app} version`, value: runtime.app },
    { name: 'Runtime', value: `Electron ${runtime.electron}, Node.js ${runtime.node}` },
    {
      name: 'Databases',
      value:
        databases === null
          ? 'Not loaded'
          : `${databases.version}, ${formatCount(databases.signatures)} signatures, released ${formatDay(databases.releasedAt, new Date())}`,
    },
    { name: 'Pattern engine', value: patternBackend === null ? 'Not loaded' : backends[patternBackend] },
    { name: 'Secrets are kept in', value: storages[secretStorage] },
  ]
  return (
    <Group title="About">
      <div className="selectable">
        <KeyValue facts={facts} />
      </div>
      <p className="settings-note t-caption t-3">
        This is an independent implementation. It is not affiliated with, endorsed by or connected to the vendor whose
        product names it uses.
      </p>
    </Group>
  )
}
