/**
 * The page of ours that `wanted` names, as a whole address; null: it names none, or one that lies
 * elsewhere. `home` is the address that everything of this server lies under; a path that does not
 * begin with that of `home` is one within the portal.
 */
export function ownPage(wanted: string | undefined, home: string): string | null {
  if (wanted === undefined || wanted === '') return null
  const base = new URL(home)
  const isWithin = wanted.startsWith('/') && !wanted.startsWith(base.pathname)
  const url = URL.parse(isWithin ? wanted.replace(/^[/\\]+/, './') : wanted, home)
  if (url?.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return null
  const page = url.pathname.slice(base.pathname.length)
  // Of itself it would lead in a circle; an answer of the API is no page.
  return /^(|sign-in|setup|join|reset|\/.*|v1\/.*)$/.test(page) ? null : url.href
}

/** The first page of a tenant, relative to `home`. */
export const homeOf = (tenant: string) => `t/${encodeURIComponent(tenant)}/home`
