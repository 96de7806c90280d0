// Entry of the portal's page: mounts the one React tree and starts asking who is signed in.
// Owns start-up order; never business rules.
import '#shared/ui/theme.css'
import './styles/portal.css'
import { createRoot } from 'react-dom/client'
import { brand } from '#shared/brand.ts'
import { UiProvider } from '#shared/ui/UiProvider.tsx'
import { App } from './App.tsx'
import { loadSession } from './bridge/account.ts'
import { startLive } from './bridge/live.ts'
import { announceCommandResults } from './features/commands/announce-results.ts'

const root = document.getElementById('root')
if (root) {
  document.title = brand.portal
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
  createRoot(root).render(
    <UiProvider nonce={nonce}>
      <App />
    </UiProvider>,
  )
  startLive()
  announceCommandResults()
  void loadSession()
}
