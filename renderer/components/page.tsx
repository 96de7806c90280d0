// Starts a window's page: theme with the nonce of this response, the client, the mirror. Owns the gate that waits for the
// first snapshot; never knows which window it is.
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { UiProvider } from '#shared/ui/UiProvider.tsx'
import '#shared/ui/theme.css'
import './app.css'
import { createAppClient } from '../bridge/app-client.ts'
import { ClientContext } from '../bridge/client-context.tsx'
import { connectMirror } from '../bridge/connect.ts'
import { useMirror } from '../state/mirror.ts'

/** Draws a page into #root. */
export function startPage(page: ReactNode): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('no root element')
  const client = createAppClient(window.bridge)
  const retry = connectMirror(client)
  createRoot(root).render(
    <StrictMode>
      <ClientContext value={client}>
        <Themed>
          <Gate onRetry={() => void retry()}>{page}</Gate>
        </Themed>
      </ClientContext>
    </StrictMode>,
  )
}

function Themed({ children }: { readonly children: ReactNode }) {
  const theme = useMirror(({ state }) => state?.settings.value.theme ?? 'system')
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  return (
    <UiProvider nonce={nonce} colorScheme={theme === 'system' ? 'auto' : theme}>
      {children}
    </UiProvider>
  )
}

/** Nothing at all is shown before the first snapshot: it takes milliseconds. */
function Gate({ onRetry, children }: { readonly onRetry: () => void; readonly children: ReactNode }) {
  const isThere = useMirror(({ state }) => state !== null)
  const failure = useMirror((mirror) => mirror.failure)
  if (isThere) return children
  if (failure === null) return null
  const { title, todo } = errorText(failure)
  return (
    <main className="app-gate">
      <ErrorState title={title} detail={todo} onRetry={onRetry} />
    </main>
  )
}
