// What an unknown address shows. Owns nothing.

import { Link } from '../components/Link.tsx'
import { PublicLayout } from '../components/PublicLayout.tsx'

/** Says it and leads on. */
export function NotFoundPage() {
  return (
    <PublicLayout>
      <h1 className="t-title">This page does not exist</h1>
      <p className="t-2 card-lead">The address may be mistyped, or what it named was removed.</p>
      <Link to="/devices">Open Devices</Link>
    </PublicLayout>
  )
}
