// The product's names as people read them, in this one place.
// Never holds a logo, picture or text of anyone else.

export const brand = {
  /** The desktop application, in titles and sentences. */
  app: 'Kaspersky',
  /** The portal. */
  portal: 'My Kaspersky',
  /** Technical name: package, data folders, protocol prefixes. */
  slug: 'remote-protection',
} as const
