interface Named {
  readonly name: string
  readonly type: string
}

interface Change {
  readonly at: string
  readonly columns: readonly Named[]
}

/** A column from when it came to when it went. */
export interface Lane {
  readonly name: string
  readonly type: string
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** It is in the newest version. */
  readonly isThere: boolean
  /** When it became of another type. */
  readonly retyped: readonly { readonly at: number; readonly type: string }[]
}

/** Columns over the versions that changed them (given newest first), in the order in which they came. */
export function lanesOf(changes: readonly Change[], now: number): readonly Lane[] {
  const open = new Map<string, Lane>()
  const closed: Lane[] = []
  for (const { at: text, columns } of changes.toReversed()) {
    const at = Date.parse(text)
    const names = new Set(columns.map(({ name }) => name))
    for (const [name, lane] of open) {
      if (names.has(name)) continue
      closed.push({ ...lane, to: at, isThere: false })
      open.delete(name)
    }
    for (const { name, type } of columns) {
      const lane = open.get(name)
      if (!lane) open.set(name, { name, type, from: at, to: now, isThere: true, retyped: [] })
      else if (lane.type !== type) {
        open.set(name, { ...lane, type, retyped: [...lane.retyped, { at, type }] })
      }
    }
  }
  return [...open.values(), ...closed].toSorted((a, b) => a.from - b.from)
}
