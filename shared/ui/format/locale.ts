// The locale numbers and times are written in. The texts are English, so only English locales are taken over; they
// decide 12 or 24 hours and the order of day and month.

/** The reader's English locale, or international English. */
export function uiLocale(languages: readonly string[] = systemLanguages()): string {
  return languages.find((language) => /^en(-|$)/i.test(language)) ?? 'en-GB'
}

function systemLanguages(): readonly string[] {
  return typeof navigator === 'undefined' ? [] : navigator.languages
}
