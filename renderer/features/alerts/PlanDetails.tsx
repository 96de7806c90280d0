// Everything that is treated together with an active object, before anything is changed: what runs, what starts it, which files.
// Owns the arrangement; the engine found it.
import type { PlanView } from '#shared/domain/alerts.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { autostartText, processText } from '#shared/ui/text/alert-text.ts'

interface Item {
  readonly key: string
  readonly title: string
  readonly place: string
  readonly what: string
}

/** Lists that are empty are left out. */
export function PlanDetails({ plan }: { readonly plan: PlanView }) {
  const { processes, autostart, files, more } = plan
  return (
    <div className="alert-plan selectable">
      <Part
        title="Running now"
        items={processes.map((process) => ({
          key: `${process.pid}`,
          title: process.name,
          place: process.program,
          what: processText(process),
        }))}
      />
      <Part
        title="Starts by itself"
        items={autostart.map((one) => ({
          key: `${one.file} ${one.entry}`,
          title: one.entry,
          place: one.file,
          what: autostartText(one),
        }))}
      />
      <Part
        title="Files"
        items={files.map(({ path, threat }) => ({
          key: path,
          title: threat,
          place: path,
          what: 'disinfected, or deleted with a copy kept',
        }))}
      />
      {more > 0 && <p className="t-caption t-3">And {formatCount(more)} more.</p>}
    </div>
  )
}

function Part({ title, items }: { readonly title: string; readonly items: readonly Item[] }) {
  if (items.length === 0) return null
  return (
    <section aria-label={title}>
      <h2 className="t-caption t-3">{title}</h2>
      <ul>
        {items.map(({ key, title: name, place, what }) => (
          <li key={key}>
            <MiddleCut text={name} className="t-strong" />
            <MiddleCut text={place} className="t-caption t-2" keep={28} />
            <p className="t-caption t-3">{what}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
