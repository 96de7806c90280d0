// The one trusted-types policy of our pages. Mantine writes its variables as the text of a style element; nothing else may
// become HTML, and no text may become code.

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown
}

/** SECURITY: text without any tag passes; all other HTML, every script and every script address is refused. */
export function allowOnlyPlainText(trustedTypes: TrustedTypes | undefined): void {
  trustedTypes?.createPolicy('default', {
    createHTML: (text) => {
      if (text.includes('<')) throw new TypeError('HTML is not allowed')
      return text
    },
  })
}

allowOnlyPlainText((globalThis as { trustedTypes?: TrustedTypes }).trustedTypes)
