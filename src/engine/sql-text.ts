/** A name as SQL reads it, whatever characters it holds. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A string constant. NUL cannot be written in SQL text; no name or path holds one. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** An instant as a TIMESTAMP constant (UTC, far futures too). */
export function timestampLiteral(instant: Date): string {
  return `make_timestamp(${microsOf(instant)})`
}

/** Microseconds since 1970 as SQL digits: they do not fit into a JavaScript number. */
export function microsOf(instant: Date): string {
  return instant.getTime() === 0 ? '0' : `${instant.getTime()}000`
}
