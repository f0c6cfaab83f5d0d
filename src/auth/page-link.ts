/** Pages that a token opens; it stands behind `#`, which browsers send to no server. */
export type LinkPage = 'setup' | 'reset' | 'join'

/** `publicUrl` may have a path, behind a proxy. */
export function pageLink(publicUrl: string, page: LinkPage, token: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/${page}#token=${token}`
}
