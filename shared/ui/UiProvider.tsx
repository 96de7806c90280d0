// The frame both user interfaces stand in: theme, colour scheme, toasts. Owns no state and no content.
// SECURITY: the page's nonce is given to the one style element Mantine writes, so that the policy needs no unsafe-inline.
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { cssVariables, theme } from './theme.ts'

export interface UiProviderProps {
  /** Nonce of the page's content security policy, where it has one. */
  readonly nonce?: string | undefined
  /** `auto` follows the system. */
  readonly colorScheme?: 'auto' | 'light' | 'dark'
  readonly children: ReactNode
}

// A fixed scheme comes from Settings, never from what Mantine would remember by itself.
const schemeManager = localStorageColorSchemeManager({ key: 'remote-protection-color-scheme' })

/** Wraps a whole page or window. */
export function UiProvider({ nonce, colorScheme = 'auto', children }: UiProviderProps) {
  const fixed = colorScheme === 'auto' ? {} : { forceColorScheme: colorScheme }
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
      {...(nonce === undefined ? {} : { getStyleNonce: () => nonce })}
      {...fixed}
    >
      {children}
      {/* Bottom right in the app and on the portal: at the top right they would cover the actions of a page, as Scan. */}
      <Notifications position="bottom-right" limit={3} autoClose={6000} containerWidth={400} />
    </MantineProvider>
  )
}
