import { createHmac, timingSafeEqual } from 'node:crypto'

import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'

/** Where a page ended, over the versions of a receipt. */
export interface Position {
  readonly receipt: string
  /** Rows that were given in all. */
  readonly given: number
  /**
   * Values of the last row's order, as text, and how many of the rows with these values were given;
   * null: the order is none that a value could be looked for in, and rows are counted from the first.
   */
  readonly last: { readonly values: readonly (string | null)[]; readonly ties: number } | null
}

/** Longest cursor; values that make it longer are left out, and rows counted instead. */
export const CURSOR_LENGTH_MAX = 1000

const VERSION = 1
const MAC_BYTES = 16
const FORM = /^[A-Za-z0-9_-]{24,1000}$/

/**
 * Cursors are opaque: base64url of a MAC (16 bytes) and JSON. The MAC covers the tenant and the
 * question beside what they say, so that a cursor means something for exactly one tenant's one
 * question, and nothing of it can be changed.
 */
export interface Cursors {
  seal(tenant: Tenant, questionHash: string, position: Position): string
  /** Throws `cursor-invalid`, for whatever is wrong with it. */
  open(tenant: Tenant, questionHash: string, cursor: string): Position
}

/** The first key seals, all of them open. */
export function openCursors(keys: readonly Uint8Array[]): Cursors {
  const macOf = (key: Uint8Array, tenant: Tenant, questionHash: string, body: Buffer) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['cursor', VERSION, tenant.id, questionHash]))
      .update('\0')
      .update(body)
      .digest()
      .subarray(0, MAC_BYTES)

  function write(tenant: Tenant, questionHash: string, position: Position): string {
    const { receipt, given, last } = position
    const body = Buffer.from(JSON.stringify([VERSION, receipt, given, last?.values, last?.ties]))
    const [key = new Uint8Array()] = keys
    return Buffer.concat([macOf(key, tenant, questionHash, body), body]).toString('base64url')
  }

  return {
    seal(tenant, questionHash, position) {
      const cursor = write(tenant, questionHash, position)
      return cursor.length <= CURSOR_LENGTH_MAX
        ? cursor
        : write(tenant, questionHash, { ...position, last: null })
    },

    open(tenant, questionHash, cursor) {
      if (!FORM.test(cursor)) throw new MillraceError('cursor-invalid')
      const bytes = Buffer.from(cursor, 'base64url')
      const [mac, body] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)]
      // What base64url leaves unused at its end must not be changed either.
      const isWhole = bytes.toString('base64url') === cursor && mac.length === MAC_BYTES
      const isOurs =
        isWhole && keys.some((key) => timingSafeEqual(macOf(key, tenant, questionHash, body), mac))
      if (!isOurs) throw new MillraceError('cursor-invalid')
      const [, receipt, given, values, ties] = JSON.parse(body.toString('utf8')) as [
        number,
        string,
        number,
        (string | null)[] | null,
        number | null,
      ]
      return { receipt, given, last: values && ties !== null ? { values, ties } : null }
    },
  }
}
