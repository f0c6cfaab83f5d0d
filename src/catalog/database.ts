import type { PoolClient } from 'pg'

/** One connection for one transaction. */
export interface Connection {
  readonly client: PoolClient
  /** Gives it back; `broken` closes it instead. */
  release(broken?: boolean): void
}

/** A PostgreSQL server or the embedded one, below transactions and roles. */
export interface Database {
  readonly engine: 'pglite' | 'postgres'
  /** For messages: the address without its password, or the folder. */
  readonly place: string
  /** Waits for a free connection. The embedded engine has one, so this is also its queue. */
  connect(): Promise<Connection>
  connections(): { readonly open: number; readonly idle: number; readonly waiting: number }
  /** Calls back when any transaction has sent a notice on the channel, with its text; null: some may have been missed. */
  listen(channel: string, onNotice: (text: string | null) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
