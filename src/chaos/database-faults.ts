import pg from 'pg'

/** Ends the connections of everybody else to this database, in the middle of whatever they do. */
export async function cutConnections(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'millrace chaos',
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user`,
    )
  } catch {
    // The database is away already.
  } finally {
    await client.end().catch(() => {})
  }
}
