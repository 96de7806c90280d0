// Which section the main window shows. Owns the list of sections in their order; knows nothing of what they hold.
import { create } from 'zustand'

export const sections = [
  'home',
  'security',
  'detected',
  'quarantine',
  'reports',
  'notifications',
  'settings',
  'profile',
] as const
export type Section = (typeof sections)[number]

interface Navigation {
  readonly section: Section
}

export const useNavigation = create<Navigation>(() => ({ section: 'home' }))

/** Shows a section. */
export function goTo(section: Section): void {
  useNavigation.setState({ section })
}
