import type { Database } from '#catalog/database.ts'

/**
 * What a server's background processes would do, and the embedded engine has none: room of dead rows
 * is found again, statistics are fresh, and a reopen after a kill has little log to replay.
 */
export async function maintainEmbedded(database: Database): Promise<void> {
  const connection = await database.connect()
  try {
    await connection.client.query('VACUUM (ANALYZE)')
    await connection.client.query('CHECKPOINT')
  } finally {
    connection.release()
  }
}
