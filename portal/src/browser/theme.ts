import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const KEY = 'millrace-theme'
const listeners = new Set<() => void>()

const current = (): Theme =>
  document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light'

/** The theme that is shown; drawings on a canvas are drawn again when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore((changed) => {
    listeners.add(changed)
    return () => listeners.delete(changed)
  }, current)
}

export function changeTheme(): void {
  const next: Theme = current() === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // A browser that keeps nothing shows it until it is closed.
  }
  for (const each of listeners) each()
}

/** What a CSS variable is in the theme that is shown, for a canvas: `cssColour('--good')`. */
export function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
