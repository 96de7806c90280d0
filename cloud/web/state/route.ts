// Which screen the address names, and moving between screens. Owns the table of paths; never what a screen shows.
import { create } from 'zustand'

export type DeviceTab = 'overview' | 'objects' | 'activity'

export type Route =
  | { readonly screen: 'devices' }
  | { readonly screen: 'device'; readonly deviceId: string; readonly tab: DeviceTab }
  | { readonly screen: 'sign-in' | 'sign-up' | 'forgot-password' }
  | { readonly screen: 'password' | 'activate'; readonly token: string }
  | { readonly screen: 'not-found' }

const devicePath = /^\/devices\/([0-9a-f-]{36})(?:\/(objects|activity))?$/

/** The screen of a path and query. */
export function routeOf(pathname: string, search: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') : pathname
  const token = new URLSearchParams(search).get('token') ?? ''
  const device = devicePath.exec(path)
  if (device?.[1] !== undefined) {
    return {
      screen: 'device',
      deviceId: device[1],
      tab: device[2] === 'objects' || device[2] === 'activity' ? device[2] : 'overview',
    }
  }
  switch (path) {
    case '':
    case '/':
    case '/devices':
      return { screen: 'devices' }
    case '/sign-in':
      return { screen: 'sign-in' }
    case '/sign-up':
      return { screen: 'sign-up' }
    case '/forgot-password':
      return { screen: 'forgot-password' }
    case '/password':
      return { screen: 'password', token }
    case '/activate':
      return { screen: 'activate', token }
    default:
      return { screen: 'not-found' }
  }
}

/** The path of a device's page. */
export function devicePathOf(deviceId: string, tab: DeviceTab = 'overview'): string {
  return tab === 'overview' ? `/devices/${deviceId}` : `/devices/${deviceId}/${tab}`
}

const current = () => (typeof location === 'undefined' ? routeOf('/', '') : routeOf(location.pathname, location.search))

export const routeStore = create<{ readonly route: Route }>(() => ({ route: current() }))

if (typeof window !== 'undefined') window.addEventListener('popstate', () => routeStore.setState({ route: current() }))

/** Goes to a path of this page. */
export function navigate(path: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  routeStore.setState({ route: current() })
  window.scrollTo(0, 0)
}
