interface Timed {
  readonly createdAt: string
  readonly endedAt: string | null
}

/** Milliseconds that it took, or has been going on for. */
export function msOf({ createdAt, endedAt }: Timed, now: number): number {
  const end = endedAt === null ? now : Date.parse(endedAt)
  return Math.max(end - Date.parse(createdAt), 0)
}
