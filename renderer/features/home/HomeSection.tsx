// Home: one sentence, one button, three facts, the last events, the components. Problems take the place of the next step.
import { brand } from '#shared/brand.ts'
import { StateLine } from '../../components/StateLine.tsx'
import { useTopic } from '../../state/mirror.ts'
import { Components } from './Components.tsx'
import { Facts } from './Facts.tsx'
import { HomeProblems } from './HomeProblems.tsx'
import { NextStep } from './NextStep.tsx'
import { RecentEvents } from './RecentEvents.tsx'
import { StatusHeader } from './StatusHeader.tsx'
import './home.css'

/** The first section; it has no bar, the status sentence is its header. */
export function HomeSection() {
  const { problems } = useTopic('protection')
  const hasProblems = problems.some((problem) => !problem.ignored && problem.grade !== 'information')
  return (
    <main className="app-section" aria-label={`Home, ${brand.app}`}>
      <StateLine />
      <div className="app-scroll">
        <div className="app-content home">
          <StatusHeader hasProblems={hasProblems} />
          {hasProblems && <HomeProblems />}
          <Facts />
          <div className="app-two-columns">
            <RecentEvents />
            <div className="app-column">
              <Components />
              {!hasProblems && <NextStep />}
            </div>
          </div>
        </div>
      </div>
    </main>
  )
}
