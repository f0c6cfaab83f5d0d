/** Where somebody was in the tenant's events when he was here last, kept by his browser. */
export interface Visit {
  readonly cursor: number
  readonly at: string
}

const nameOf = (tenant: string, who: string) => `millrace-visit ${tenant} ${who}`

/**
 * Of the visit before this one: what this tab has begun with stays, so that going to another screen and
 * back, or reloading, does not make the news old.
 */
export function formerVisit(tenant: string, who: string): Visit | null {
  const name = nameOf(tenant, who)
  const begun = read(sessionStorage, name)
  if (begun !== undefined) return begun
  const former = read(localStorage, name) ?? null
  write(sessionStorage, name, former)
  return former
}

export function noteVisit(tenant: string, who: string, visit: Visit): void {
  write(localStorage, nameOf(tenant, who), visit)
}

/** Something that a person has done once on this browser. */
export function hasDone(what: string, tenant: string): boolean {
  return read(localStorage, `millrace-done ${what} ${tenant}`) !== undefined
}

export function noteDone(what: string, tenant: string): void {
  write(localStorage, `millrace-done ${what} ${tenant}`, null)
}

/** Undefined: there is nothing. A browser that keeps nothing has nothing. */
function read(storage: Storage, name: string): Visit | null | undefined {
  try {
    const text = storage.getItem(name)
    return text === null ? undefined : (JSON.parse(text) as Visit | null)
  } catch {
    return undefined
  }
}

function write(storage: Storage, name: string, value: Visit | null): void {
  try {
    storage.setItem(name, JSON.stringify(value))
  } catch {
    // Then it is new each time.
  }
}
