// The password rules (A4), one function for page and app. The portal cannot check them: it never sees a password.
// The strength estimate is passed in, so that this file needs no dictionary.

export const passwordRules = ['length', 'digit', 'upper', 'lower', 'no-spaces', 'not-common'] as const
export type PasswordRule = (typeof passwordRules)[number]

export const passwordMinLength = 8
export const passwordMaxLength = 256

/** 0 (guessed at once) to 4; from a dictionary-based estimator. */
export type StrengthEstimate = (password: string) => number

/** Which rules a password meets. All must be true. `estimate` missing: `not-common` is not met yet. */
export function checkPassword(password: string, estimate: StrengthEstimate | undefined): Record<PasswordRule, boolean> {
  const basic = {
    length: [...password].length >= passwordMinLength && password.length <= passwordMaxLength,
    digit: /[0-9]/.test(password),
    upper: /[A-Z]/.test(password),
    lower: /[a-z]/.test(password),
    'no-spaces': password.length > 0 && !/\s/u.test(password),
  }
  const basicMet = Object.values(basic).every(Boolean)
  return { ...basic, 'not-common': basicMet && estimate !== undefined && estimate(password) >= 3 }
}

/** True when every rule is met. */
export function isAcceptable(check: Record<PasswordRule, boolean>): boolean {
  return passwordRules.every((rule) => check[rule])
}
