// Keeps a list from jumping under the pointer: a new order is taken over only after two quiet seconds.
// Owns the timer and the listeners; the rules are in device-view.ts.
import { useEffect, useRef, useState } from 'react'
import { keepOrder } from './device-view.ts'

const quietMs = 2000

/** The order to show for the order that is wanted. */
export function useIdleOrder(wanted: readonly string[]): readonly string[] {
  const [shown, setShown] = useState(wanted)
  const lastTouch = useRef(0)
  useEffect(() => {
    const touch = () => {
      lastTouch.current = Date.now()
    }
    const names = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const
    for (const name of names) window.addEventListener(name, touch, { passive: true })
    return () => {
      for (const name of names) window.removeEventListener(name, touch)
    }
  }, [])
  const key = wanted.join()
  useEffect(() => {
    const target = key === '' ? [] : key.split(',')
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = () => {
      const wait = lastTouch.current + quietMs - Date.now()
      if (wait > 0) timer = setTimeout(settle, wait)
      else setShown(target)
    }
    settle()
    return () => clearTimeout(timer)
  }, [key])
  return keepOrder(shown, wanted)
}
