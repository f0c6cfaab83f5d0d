import { useSyncExternalStore } from 'react'

import { fitted, type View } from '~/matrix/view.ts'

/**
 * What is seen, outside of React: panning paints a canvas sixty times a second and renders nothing.
 * `settled` follows when it has stood still for a moment, and then React is told.
 */
export interface ViewStore {
  get(): View | null
  set(view: View): void
  /** Everything, from now on also when there is more. */
  fit(extent: View): void
  onChange(listener: () => void): () => void
  settled(): View | null
  onSettled(listener: () => void): () => void
}

const STILL_MS = 120

export function createViewStore(initial: View | null): ViewStore {
  let view = initial
  let still = initial
  let timer: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()
  const onStill = new Set<() => void>()
  const settle = () => {
    timer = undefined
    if (still?.from === view?.from && still?.to === view?.to) return
    still = view
    for (const listener of onStill) listener()
  }
  const store: ViewStore = {
    get: () => view,
    set(next) {
      view = next
      for (const listener of listeners) listener()
      // Not put off again and again: what comes into sight is asked for while panning goes on.
      timer ??= setTimeout(settle, STILL_MS)
    },
    fit: (extent) => store.set(fitted(extent)),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    settled: () => still,
    onSettled(listener) {
      onStill.add(listener)
      return () => onStill.delete(listener)
    },
  }
  return store
}

export function useSettledView(store: ViewStore): View | null {
  return useSyncExternalStore(store.onSettled, store.settled)
}
