// The address typed last, carried from one account screen to the next. In memory only.
let email = ''

/** The address to begin with. */
export function rememberedEmail(): string {
  return email
}

/** Keeps an address for the next screen. */
export function rememberEmail(value: string): void {
  email = value
}
