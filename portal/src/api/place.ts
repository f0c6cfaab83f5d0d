/** Address that everything of this server lies under, with a slash at its end; may have a path. */
export const home = new URL('.', document.baseURI).href

/** Path of `home`, for the router. */
export const basePath = new URL(home).pathname

const KEY = 'millrace-key'

/** A key behind `#key=` leaves the address bar at once; it is this tab's, and gone with it. */
export function takeKey(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('key')
  if (given === null) return
  sessionStorage.setItem(KEY, given)
  history.replaceState(null, '', location.pathname + location.search)
}

/** Null: the session of the browser counts. */
export function keyOfTab(): string | null {
  return sessionStorage.getItem(KEY)
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEY)
}
