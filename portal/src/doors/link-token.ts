/** By the path of the page: it is asked for once more when the page is drawn anew. */
const taken = new Map<string, string>()

/**
 * What stands behind `#token=`. It leaves the address bar and the history at once: no server sees it,
 * and nobody who looks over a shoulder. Null where the link has lost it.
 */
export function takeLinkToken(): string | null {
  const { pathname, hash, search } = location
  const given = new URLSearchParams(hash.slice(1)).get('token')
  if (given !== null && given !== '') {
    taken.set(pathname, given)
    history.replaceState(history.state, '', pathname + search)
  }
  return taken.get(pathname) ?? null
}
